using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace Pipeline.Serving;

/// <summary>
/// Puts numbers of different types together. The library takes a decimal with what is reckoned from numbers with a fraction, which it has for binary ones, as a mistake;
/// here every number is exact, so that they are decimals.
/// </summary>
internal sealed class ODataNumbers : ODataUriResolver
{
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
