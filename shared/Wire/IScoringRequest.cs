using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Wire;

/// <summary>A request for scores, whichever protocol it came in; not yet compared with a model's signature.</summary>
public interface IScoringRequest
{
    /// <summary>The caller's id; null when it had none.</summary>
    string? Id { get; }

    /// <summary>When what it describes happened; null: when it came.</summary>
    DateTimeOffset? EventTime { get; }

    /// <summary>Requests of one key get the same version while the traffic split stays; null: by chance.</summary>
    string? RoutingKey { get; }

    /// <summary>The inputs in the model's order and rank.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidTensor"/> with everything that is wrong with the request, of form and of content.
    /// </exception>
    IReadOnlyList<Tensor> InputsFor(Signature signature);
}
