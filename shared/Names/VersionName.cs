using System.Globalization;

namespace Modeldrop.Names;

/// <summary>A version of a model.</summary>
/// <param name="Number">From 1.</param>
public readonly record struct VersionName(ModelName Model, int Number)
{
    /// <summary>As people read it: <c>version 3 of 'flights'</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"version {Number} of '{Model}'");
}
