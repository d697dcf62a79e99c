using System.Globalization;

namespace Modeldrop.Names;

/// <summary>A version of a model.</summary>
/// <param name="Number">Counted from 1.</param>
public readonly record struct VersionName(ModelName Model, int Number)
{
    /// <summary>The form for people: <c>version 3 of 'flights'</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"version {Number} of '{Model}'");
}
