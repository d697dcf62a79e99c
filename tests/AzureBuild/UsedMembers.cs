using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Modeldrop.Tests.AzureBuild;

/// <summary>A member that an assembly takes from another one.</summary>
/// <param name="Member">In the notation of <see cref="WorkerApi"/>.</param>
internal sealed record UsedMember(string Type, string Member);

/// <summary>Reads from an assembly's metadata what it uses of another one.</summary>
internal static class UsedMembers
{
    public static IReadOnlyList<UsedMember> Read(string assemblyPath, string ofAssembly)
    {
        using FileStream file = File.OpenRead(assemblyPath);
        using var image = new PEReader(file);
        MetadataReader metadata = image.GetMetadataReader();
        var used = new HashSet<UsedMember>();
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            if (TypeOf(metadata, member.Parent) is { } type && IsFrom(metadata, type, ofAssembly))
            {
                used.Add(new UsedMember(ShortName(metadata.GetString(type.Name)), Describe(metadata, member)));
            }
        }

        return [.. used.OrderBy(member => member.Type, StringComparer.Ordinal).ThenBy(member => member.Member, StringComparer.Ordinal)];
    }

    private static TypeReference? TypeOf(MetadataReader metadata, EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeReference => metadata.GetTypeReference((TypeReferenceHandle)parent),
        HandleKind.TypeSpecification => GenericTypeOf(metadata, (TypeSpecificationHandle)parent),
        _ => null,
    };

    private static TypeReference? GenericTypeOf(MetadataReader metadata, TypeSpecificationHandle handle)
    {
        BlobReader signature = metadata.GetBlobReader(metadata.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return null;
        }

        signature.ReadCompressedInteger();
        EntityHandle type = signature.ReadTypeHandle();
        return type.Kind == HandleKind.TypeReference ? metadata.GetTypeReference((TypeReferenceHandle)type) : null;
    }

    private static bool IsFrom(MetadataReader metadata, TypeReference type, string assembly) =>
        type.ResolutionScope.Kind == HandleKind.AssemblyReference
        && metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) == assembly;

    private static string Describe(MetadataReader metadata, MemberReference member)
    {
        string name = metadata.GetString(member.Name);
        if (member.GetKind() == MemberReferenceKind.Field)
        {
            return name;
        }

        if (name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal))
        {
            return name[4..];
        }

        if (name == "op_Implicit")
        {
            return name;
        }

        MethodSignature<string> signature = member.DecodeMethodSignature(new TypeNames(), genericContext: null);
        return $"{(name == ".ctor" ? "ctor" : name)}({string.Join(",", signature.ParameterTypes)})";
    }

    private static string ShortName(string name) => name.Split('`')[0];

    /// <summary>Type names as C# writes them, without namespaces and nullability.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.Boolean => "bool",
            PrimitiveTypeCode.Int32 => "int",
            PrimitiveTypeCode.Int64 => "long",
            PrimitiveTypeCode.Double => "double",
            PrimitiveTypeCode.String => "string",
            PrimitiveTypeCode.Object => "object",
            PrimitiveTypeCode.Void => "void",
            _ => typeCode.ToString(),
        };

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            ShortName(reader.GetString(reader.GetTypeReference(handle).Name));

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            ShortName(reader.GetString(reader.GetTypeDefinition(handle).Name));

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            genericType == "Nullable" ? typeArguments[0] : $"{genericType}<{string.Join(",", typeArguments)}>";

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetGenericMethodParameter(object? genericContext, int index) => "T";

        public string GetGenericTypeParameter(object? genericContext, int index) => "T";

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => elementType;

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "delegate";
    }
}
