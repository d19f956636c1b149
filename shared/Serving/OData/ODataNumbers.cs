using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace Pipeline.Serving;

/// <summary>
/// Puts numbers of different types together. The library takes a decimal with what is reckoned from numbers with a fraction, which it has for binary ones, as a mistake;
/// here every number is exact, so that they are decimals.
/// </summary>
internal sealed class ODataNumbers : ODataUriResolver
{
    /// <summary>The first name that was looked up in vain, and what there is; null where all were found.</summary>
    public (string Name, IReadOnlyList<string> Known)? Unknown { get; private set; }

    /// <inheritdoc/>
    public override IEdmProperty? ResolveProperty(IEdmStructuredType type, string propertyName)
    {
        var found = base.ResolveProperty(type, propertyName);
        if (found is null)
            Unknown ??= (propertyName, [.. type.Properties().Select(p => p.Name)]);
        return found;
    }

    /// <inheritdoc/>
    public override void PromoteBinaryOperandTypes(BinaryOperatorKind binaryOperatorKind, ref SingleValueNode leftNode, ref SingleValueNode rightNode, out IEdmTypeReference typeReference)
    {
        if (leftNode.TypeReference is { } left && rightNode.TypeReference is { } right && left.IsDecimal() != right.IsDecimal())
        {
            leftNode = Exact(leftNode);
            rightNode = Exact(rightNode);
        }
        base.PromoteBinaryOperandTypes(binaryOperatorKind, ref leftNode, ref rightNode, out typeReference);
    }

    private static SingleValueNode Exact(SingleValueNode node) =>
        node is not ConstantNode && node.TypeReference.IsFloating() ? new ConvertNode(node, EdmCoreModel.Instance.GetDecimal(node.TypeReference.IsNullable)) : node;
}
