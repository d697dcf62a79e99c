using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire;

/// <summary>A scoring request of any protocol, not yet compared with a model's signature.</summary>
public interface IScoringRequest
{
    /// <summary>The caller's id; null if there is none.</summary>
    string? Id { get; }

    /// <summary>When the described event happened; null: when the request was received.</summary>
    DateTimeOffset? EventTime { get; }

    /// <summary>Requests with the same key get the same version while the traffic split stays; null: at random.</summary>
    string? RoutingKey { get; }

    /// <summary>The inputs in the model's order and rank.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidTensor"/> with all violations of form and content.</exception>
    IReadOnlyList<Tensor> InputsFor(Signature signature);
}
