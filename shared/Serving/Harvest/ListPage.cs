using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>A page of a list: <c>page</c> and <c>limit</c>.</summary>
/// <param name="Address">The list's address.</param>
/// <param name="Number">The page, from 1.</param>
/// <param name="Limit">How many a page has at most.</param>
/// <param name="Total">How many the list has.</param>
internal sealed record ListPage(string Address, int Number, int Limit, int Total)
{
    private int Last => Math.Max(1, (int)(((long)Total + Limit - 1) / Limit));

    /// <summary>The header Link of the page; null where none follows.</summary>
    public string? Link => Number < Last ? $"<{At(Number + 1)}>; rel=\"next\"" : null;

    /// <summary>Reads the parameters.</summary>
    public static ListPage Read(HttpRequest request, int total, string address, int usual, int most)
    {
        var options = DatasetApi.Options(request, ["page", "limit"]);
        var limit = options.TryGetValue("limit", out var text) ? DataRequest.Number("limit", text, 1, most) : usual;
        var page = new ListPage(address, 1, limit, total);
        return options.TryGetValue("page", out text) ? page with { Number = DataRequest.Number("page", text, 1, page.Last) } : page;
    }

    /// <summary>The page's items.</summary>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> all) => [.. all.Skip((int)Math.Min(int.MaxValue, (Number - 1L) * Limit)).Take(Limit)];

    /// <summary>The page as Hydra (hydra-cg, core) has it; harvesters know <c>hydra:PagedCollection</c> from its drafts.</summary>
    public RdfNode Node()
    {
        var node = new RdfNode(At(Number), "hydra:PartialCollectionView", "hydra:PagedCollection").Link("hydra:first", At(1)).Link("hydra:last", At(Last));
        if (Number > 1)
            node.Link("hydra:previous", At(Number - 1));
        if (Number < Last)
            node.Link("hydra:next", At(Number + 1));
        return node.Typed("hydra:totalItems", "xsd:integer", Total.ToString(CultureInfo.InvariantCulture)).Typed("hydra:itemsPerPage", "xsd:integer", Limit.ToString(CultureInfo.InvariantCulture));
    }

    private string At(int page) => $"{Address}?page={page}&limit={Limit}";
}
