using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Pipeline.Serving;

/// <summary>
/// Asks a refused request again as it may be meant, without a body, until it is answered or nobody knows what is meant: so that an address is only given where it is
/// answered, and all that is wrong is told at once.
/// </summary>
internal static class SecondTry
{
    private const int Most = 6;

    /// <summary>What is wrong with a request, with the whole address that is right where one is known.</summary>
    /// <param name="context">The request.</param>
    /// <param name="problem">What it was refused for.</param>
    /// <param name="answering">What answers at a path; null where that is not known.</param>
    public static async Task<ProblemException> AfterAsync(HttpContext context, ProblemException problem, Func<PathString, Func<HttpContext, Task>?> answering)
    {
        List<ProblemException> problems = [problem];
        var address = CorrectedAddress.Of(context.Request, problem);
        while (address is not null)
        {
            var again = At(context, address);
            if (answering(again.Request.Path) is not { } answer)
            {
                // A name in the path alone is right once it is there.
                address = again.Request.QueryString.HasValue ? null : address;
                break;
            }
            try
            {
                await answer(again);
                break;
            }
            catch (ProblemException next) when (next is { Status: StatusCodes.Status404NotFound, Parameter: null })
            {
                // So SDMX 1.x says that nothing matches: the address is right.
                break;
            }
            catch (ProblemException) when (problem.Status == StatusCodes.Status404NotFound)
            {
                // Of what was not asked for by its name, nothing is told but the name.
                address = null;
            }
            catch (ProblemException next) when (next.Status < 500 && problems.Count < Most && problems.TrueForAll(p => p.Message != next.Message))
            {
                problems.Add(next);
                address = CorrectedAddress.Of(again.Request, next);
            }
            catch (Exception)
            {
                // What was asked for is refused anyway; that this can not be answered says no more.
                address = null;
            }
        }
        var told = ProblemException.Several(problems, 0);
        told.Try ??= address;
        return told;
    }

    // The same request at another address; whatever the client has already, it is to be told whether there is an answer.
    private static DefaultHttpContext At(HttpContext context, string address)
    {
        var again = new DefaultHttpContext { RequestServices = context.RequestServices, RequestAborted = context.RequestAborted };
        var (from, to, query) = (context.Request, again.Request, address.IndexOf('?', StringComparison.Ordinal));
        (to.Method, to.Scheme, to.Host, to.PathBase) = (HttpMethods.Head, from.Scheme, from.Host, from.PathBase);
        to.Path = PathString.FromUriComponent(query < 0 ? address : address[..query]);
        to.QueryString = query < 0 ? QueryString.Empty : new QueryString(address[query..]);
        foreach (var (name, value) in from.Headers)
            if (!name.StartsWith("If-", StringComparison.OrdinalIgnoreCase) && !name.Equals("Range", StringComparison.OrdinalIgnoreCase))
                to.Headers[name] = value;
        again.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = address;
        return again;
    }
}
