using Modeldrop.Lifecycle.Validation;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Lifecycle.Validation;

public sealed class SignatureCompatibilityTests
{
    private static readonly TensorSpec X = new("x", Datatype.Fp32, [-1, 3]);

    private static readonly TensorSpec Y = new("y", Datatype.Fp32, [-1]);

    public static TheoryData<string, Signature, Signature, string[], string[]> Cases => new()
    {
        { "same", new([X], [Y]), new([X], [Y]), [], [] },
        { "order", new([X, Y], [Y]), new([Y, X], [Y]), [], [] },
        { "input gone", new([X, Y], [Y]), new([X], [Y]), ["Input 'y FP32 [-1]' is missing."], [] },
        { "input new", new([X], [Y]), new([X, Y], [Y]), ["Input 'y FP32 [-1]' is new and required; existing clients do not send it."], [] },
        { "optional input new", new([X], [Y]), new([X, Y with { Optional = true }], [Y]), [], ["Input 'y FP32 [-1]' is new and "
            + "optional."] },
        { "input becomes optional", new([X], [Y]), new([X with { Optional = true }], [Y]), [], [] },
        { "input becomes required", new([X with { Optional = true }], [Y]), new([X], [Y]), ["Input 'x' was optional and is now "
            + "required."], [] },
        { "input datatype", new([X], [Y]), new([X with { Datatype = Datatype.Fp64 }], [Y]), ["Input 'x' has changed from FP32 to "
            + "FP64."], [] },
        { "input shape", new([X], [Y]), new([X with { Shape = [-1, 4] }], [Y]), ["Input 'x' has changed its shape from [-1,3] to "
            + "[-1,4]."], [] },
        { "input rank", new([Y], [Y]), new([Y with { Shape = [-1, 1] }], [Y]), ["Input 'y' has changed its shape from [-1] to "
            + "[-1,1]."], [] },
        { "input wider", new([X], [Y]), new([X with { Shape = [-1, -1] }], [Y]), [], ["Input 'x' has changed its shape from [-1,3] to "
            + "[-1,-1], which still fits every existing client."] },
        { "input narrower", new([X with { Shape = [-1, -1] }], [Y]), new([X], [Y]), ["Input 'x' has changed its shape from [-1,-1] to "
            + "[-1,3]."], [] },
        { "input any rank", new([X], [Y]), new([X with { Shape = [], UnknownRank = true }], [Y]), [], ["Input 'x' has changed its shape "
            + "from [-1,3] to any rank, which still fits every existing client."] },
        { "input no more any rank", new([X with { Shape = [], UnknownRank = true }], [Y]), new([X with { Shape = [] }], [Y]), ["Input 'x' has changed its shape from any rank to []."], [] },
        { "output gone", new([X], [X, Y]), new([X], [X]), ["Output 'y FP32 [-1]' is missing."], [] },
        { "output new", new([X], [Y]), new([X], [Y, X]), [], ["Output 'x FP32 [-1,3]' is new."] },
        { "output narrower", new([X], [X with { Shape = [-1, -1] }]), new([X], [X]), [], ["Output 'x' has changed its shape from [-1,-1] "
            + "to [-1,3], which still fits every existing client."] },
        { "output wider", new([X], [X]), new([X], [X with { Shape = [-1, -1] }]), ["Output 'x' has changed its shape from [-1,3] to "
            + "[-1,-1]."], [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compare_Change_IsBreakingOrNot(string name, Signature champion, Signature candidate, string[] breaking, string[] additions)
    {
        SignatureCompatibility result = SignatureCompatibility.Compare(champion, candidate);

        Assert.Equal(breaking, result.Breaking);
        Assert.Equal(additions, result.Additions);
        Assert.True(result.IsCompatible == (breaking.Length == 0), name);
    }
}
