using Azure;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>A reservation of a model's next version number, see <see cref="RegistryStore.ClaimAsync"/>.</summary>
internal sealed record VersionClaim(ModelName Model, ETag ETag);
