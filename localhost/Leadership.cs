namespace Modeldrop.LocalHost;

/// <summary>Whether this host runs timers, blob triggers and orchestrations for all hosts of the account.</summary>
internal interface ILeadership
{
    /// <summary>Not cancelled while this host leads: it is cancelled when the lease is lost or given back.</summary>
    /// <returns>Completes when this host has become the leader.</returns>
    Task<CancellationToken> WaitUntilLeaderAsync(CancellationToken cancellationToken);
}
