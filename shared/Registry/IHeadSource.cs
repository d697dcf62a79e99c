namespace Modeldrop.Registry;

/// <summary>Where those who route requests get the heads of all models from.</summary>
public interface IHeadSource
{
    /// <summary>A text that changes with every change of any head; null before the first.</summary>
    Task<string?> ReadRevisionAsync(CancellationToken cancellationToken);

    /// <summary>All models, archived ones too, by name.</summary>
    Task<IReadOnlyList<ModelHead>> ListHeadsAsync(CancellationToken cancellationToken);
}
