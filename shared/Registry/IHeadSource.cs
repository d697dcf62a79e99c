namespace Modeldrop.Registry;

/// <summary>Provides the heads of all models for routing.</summary>
public interface IHeadSource
{
    /// <summary>Returns a text that changes with every change of any head; null before the first.</summary>
    Task<string?> ReadRevisionAsync(CancellationToken cancellationToken);

    /// <summary>Lists all models by name, including archived ones.</summary>
    Task<IReadOnlyList<ModelHead>> ListHeadsAsync(CancellationToken cancellationToken);
}
