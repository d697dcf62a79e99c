using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Webhooks;

/// <summary>How alerts and events are sent.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    public const string SectionName = "Webhooks";

    /// <summary>
    /// Keys for signing deliveries: <c>whsec_</c> and base64 of 24 to 64 bytes. List several, separated by spaces, while you rotate keys.
    /// Default empty: deliveries are not signed.
    /// </summary>
    public string Secrets { get; set; } = "";

    /// <summary>
    /// Start of the events' <c>source</c>, preferably the app's address: <c>https://models.example.com</c>. Default <c>urn:modeldrop</c>.
    /// </summary>
    [Required]
    public string Source { get; set; } = "urn:modeldrop";

    /// <summary>
    /// Whether receivers may have private, loopback or link-local addresses. Default false: the user who drops a model names the receiver,
    /// and must not reach addresses that only the app can reach.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>How long a receiver may take to answer. Default 15 s, the timeout that receivers are advised to expect.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Uri.TryCreate(Source, UriKind.Absolute, out _))
        {
            yield return new ValidationResult($"'{Source}' is not an absolute URI.", [nameof(Source)]);
        }

        foreach (string secret in WebhookSignature.Split(Secrets).Where(secret => WebhookSignature.FindKey(secret) is null))
        {
            yield return new ValidationResult(
                $"A secret of {secret.Length} characters is not 'whsec_' followed by the base64 of 24 to 64 bytes.", [nameof(Secrets)]);
        }
    }
}
