using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Answers where nothing is: with the address that may be meant, to a browser as a page and to programs as problem details.</summary>
public sealed class UnknownAddress
{
    private readonly Catalogue catalogue;

    internal UnknownAddress(Catalogue catalogue) => this.catalogue = catalogue;

    /// <summary>Any method at any address that no other function answers.</summary>
    public IResult Answer() => new Endpoint("GET, HEAD, POST, PUT, PATCH, DELETE", true, async context => throw await ProblemAsync(context), ProblemPage.OrDetails);

    private async Task<ProblemException> ProblemAsync(HttpContext context)
    {
        var (request, path) = (context.Request, context.Request.Path.Value ?? "/");
        var (known, parts) = Meant(path, ProblemPage.IsWanted(request));
        var meant = known is null ? null : "/" + string.Join('/', known.Parts.Select((part, i) => part.StartsWith('{') ? Uri.EscapeDataString(parts[i]) : part)) + request.QueryString;
        return new ProblemException(StatusCodes.Status404NotFound, "route-unknown",
            $"Nothing answers at {path}{(meant is null ? "." : $"; did you mean {meant}?")} The addresses that do are described at /docs.")
        {
            DidYouMean = meant,
            Corrections = [],
            Try = known is not null && await IsAnsweredAsync(known, parts, request, context.RequestAborted) ? meant : null,
        };
    }

    // Whether a GET of it is answered as far as its path goes; what is in a query is for that address to say.
    private async Task<bool> IsAnsweredAsync(KnownPath known, IReadOnlyList<string> parts, HttpRequest request, CancellationToken cancellationToken)
    {
        if (!known.IsWhole || request.QueryString.HasValue || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
            return false;
        foreach (var (i, part) in known.Parts.Index().Where(p => p.Item.StartsWith('{')))
        {
            if (part != "{dataset}" || !(await catalogue.ListAsync(cancellationToken)).Any(d => d.Id == parts[i]))
                return false;
        }
        return true;
    }

    // The path that differs least, without what is too much (api/, a doubled slash) and with what is missing (v1/); else what an address that breaks off begins with.
    private static (KnownPath? Known, IReadOnlyList<string> Parts) Meant(string path, bool isBrowser)
    {
        List<string> parts = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        if (parts.Count > 0 && parts[0].Equals("api", StringComparison.OrdinalIgnoreCase))
            parts.RemoveAt(0);
        (KnownPath? Known, IReadOnlyList<string> Parts) best = (null, parts);
        var least = int.MaxValue;
        List<string> inApi = ["v1", .. parts];
        // A dataset has a page for people and an address for programs.
        foreach (var asked in isBrowser ? (List<string>[])[parts, inApi] : [inApi, parts])
        {
            foreach (var known in PageApi.Paths)
            {
                if (Difference(known.Parts, asked) is { } difference && difference < least)
                    (best, least) = ((known, asked), difference);
            }
        }
        return least < int.MaxValue || parts.Count == 0 ? best
            : (PageApi.Paths.Where(p => p.Parts.Count > parts.Count && p.Parts.Take(parts.Count).SequenceEqual(parts, StringComparer.OrdinalIgnoreCase) && !p.Parts.Any(part => part.Contains('{')))
                .OrderBy(p => p.Parts.Count).ThenByDescending(p => string.Join('/', p.Parts), StringComparer.Ordinal).FirstOrDefault(), parts);
    }

    // How many slips lie between; null where it is another address.
    private static int? Difference(IReadOnlyList<string> known, List<string> asked)
    {
        if (known.Count != asked.Count || known.Count == 0 || known[0].StartsWith('{'))
            return null;
        var slips = 0;
        for (var i = 0; i < known.Count; i++)
        {
            if (known[i].StartsWith('{') || known[i] == asked[i])
                continue;
            if (known[i].Contains('{') || ProblemException.Nearest(asked[i], [known[i]]) is null)
                return null;
            slips += Math.Max(1, ProblemException.Distance(asked[i], known[i]));
        }
        return slips;
    }
}
