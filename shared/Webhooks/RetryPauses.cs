using System.Security.Cryptography;

namespace Modeldrop.Webhooks;

/// <summary>The back-off between the attempts of a failing delivery: ten attempts in about three days.</summary>
internal static class RetryPauses
{
    // The pauses that Standard Webhooks suggests; the timer's interval of minutes makes the first one longer.
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>The pause before the next attempt; null: there is none.</summary>
    /// <param name="attempts">Failed attempts so far, from 1.</param>
    public static TimeSpan? After(int attempts, WebhookOutcome outcome)
    {
        if (outcome.IsFinal || attempts > Pauses.Length)
        {
            return null;
        }

        // Jitter of ±20 %, so that deliveries that failed together are not retried together.
        TimeSpan pause = Pauses[attempts - 1] * (0.8 + (RandomNumberGenerator.GetInt32(0, 401) / 1000.0));
        return outcome.Wish > pause ? outcome.Wish : pause;
    }
}
