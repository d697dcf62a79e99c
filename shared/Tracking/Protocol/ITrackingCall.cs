namespace Modeldrop.Tracking.Protocol;

/// <summary>A call of MLflow's protocol, read from its fields. <see cref="CallForm"/> describes it by the same code.</summary>
public interface ITrackingCall<TSelf>
    where TSelf : ITrackingCall<TSelf>
{
    /// <summary>Reads every field, whatever the values of others are.</summary>
    static abstract TSelf Read(CallFields fields);
}
