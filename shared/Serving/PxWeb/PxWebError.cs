using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Errors as PxWebApi has them: problem details with its own titles.</summary>
internal static class PxWebError
{
    // What PxWeb calls the errors that it has; all others go by their HTTP status.
    private static readonly Dictionary<string, string> Titles = new()
    {
        ["unknown-dataset"] = "Non-existent table",
        ["unknown-variable"] = "Non-existent variable",
        ["unknown-code"] = "Non-existent value",
        ["unknown-codelist"] = "Non-existent codelist",
        ["unknown-page"] = "Non-existent page",
        ["unknown-saved-query"] = "Saved query not found",
        ["missing-query"] = "No query specified",
        ["unknown-language"] = "Unsupported language",
        ["unknown-format"] = "Unsupported output format",
        ["unknown-format-param"] = "Unsupported output format",
        ["malformed-format-params"] = "Unsupported output format",
        ["missing-selection"] = "Missing selection for mandatory variable",
        ["malformed-expression"] = "Illegal selection expression",
        ["malformed-placement"] = "Illegal placement",
        ["too-many-cells"] = "Too many cells selected",
    };

    /// <summary>The form of the face's errors.</summary>
    public static (string ContentType, byte[] Body) Form(HttpContext context, ProblemException problem)
    {
        var json = problem.ToJson(null);
        if (Titles.TryGetValue(problem.Code, out var title))
            json["title"] = title;
        return ("application/problem+json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(json, Json.Options));
    }
}
