using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>
/// Errors as SDMX's clients read them: in SDMX-ML's Error message or in the <c>errors</c> of SDMX-JSON, with a code of the SDMX web services guidelines; from
/// SDMX-JSON 2.1 on the code is HTTP's.
/// </summary>
internal static class SdmxError
{
    private const string Message21 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message";
    private const string Common21 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common";
    private const string Message30 = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message";
    private const string Common30 = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common";

    /// <summary>SDMX's code for a problem.</summary>
    public static int Code(ProblemException problem) => problem.Status switch
    {
        401 => 110,
        403 => 150,
        404 => 100,
        405 => 501,
        413 => 130,
        422 => 150,
        501 => 501,
        503 => 503,
        >= 500 => 500,
        _ => problem.Code.StartsWith("unknown-", StringComparison.Ordinal) || problem.Code is "not-filterable" or "conflicting-parameters" ? 150 : 140,
    };

    /// <summary>The form of a face's errors: XML for who asks for XML, by <c>format</c> or else by Accept (and, in 1.x, for who asks for neither), else JSON in the version that is asked for.</summary>
    /// <param name="rest">The generation.</param>
    /// <param name="agency">Who sends it.</param>
    /// <param name="message">What the face's messages are of: <c>data</c> or <c>structure</c>.</param>
    public static ErrorForm Form(SdmxRest rest, SdmxAgency agency, string message) => (context, problem) =>
    {
        var (format, accept) = (context.Request.Query["format"].ToString(), context.Request.Headers.Accept.ToString());
        if (SdmxFormats.IsXml(format) ?? SdmxFormats.IsXml(accept) ?? rest == SdmxRest.V1)
            return ("application/xml; charset=utf-8", Xml(rest, problem));
        var wanted = format.Length > 0 ? format : accept;
        var version = rest == SdmxRest.V1 ? "1.0" : wanted.Contains("2.0.0", StringComparison.Ordinal) && !wanted.Contains("2.1.0", StringComparison.Ordinal) ? "2.0.0" : "2.1";
        return ("application/json; charset=utf-8", Json(agency, SdmxFormats.Schema(message, version), version == "2.1" ? problem.Status : Code(problem), problem));
    };

    /// <summary>No artefact or observation matches; clients of 1.x know this one.</summary>
    public static ProblemException NoResults(string detail) => new(StatusCodes.Status404NotFound, "no-results", detail);

    /// <summary>A part of the standard that is not served here.</summary>
    public static ProblemException NotImplemented(string parameter, string value, string detail) =>
        new(StatusCodes.Status501NotImplemented, "not-implemented", detail) { Parameter = parameter, Value = value };

    private static string Title(int code) => code switch
    {
        100 => "No results found",
        110 => "Unauthorized",
        130 => "Response too large due to client request",
        140 => "Syntax error",
        150 => "Semantic error",
        501 => "Not implemented",
        503 => "Service unavailable",
        _ => "Internal server error",
    };

    private static string Detail(ProblemException problem)
    {
        var text = new StringBuilder(problem.Message);
        if (problem.Parameter is not null)
            text.Append(" Parameter: ").Append(problem.Parameter).Append('.');
        if (problem.Expected is not null && !problem.Message.Contains("expected", StringComparison.Ordinal))
            text.Append(" Expected: ").Append(problem.Expected is JsonArray list ? string.Join(", ", list.Select(item => item?.ToString())) : problem.Expected.ToString()).Append('.');
        if (problem.Try is { } corrected)
            text.Append(" Try: ").Append(corrected);
        return text.ToString();
    }

    private static byte[] Json(SdmxAgency agency, string schema, int code, ProblemException problem)
    {
        var detail = Detail(problem);
        var meta = new JsonObject
        {
            ["id"] = "E" + Guid.NewGuid().ToString("N"),
            ["test"] = false,
            ["prepared"] = SdmxDataMessage.Instant(DateTimeOffset.UtcNow),
            ["contentLanguages"] = new JsonArray("en"),
            ["sender"] = new JsonObject { ["id"] = agency.PartyId, ["name"] = agency.Name },
        };
        var message = new JsonObject();
        // Since 2.1 the schema stands at the top.
        if (schema.Contains("/2.1/", StringComparison.Ordinal))
            message["$schema"] = schema;
        else
            meta["schema"] = schema;
        message["meta"] = meta;
        message["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["title"] = Title(Code(problem)), ["detail"] = detail, ["details"] = new JsonObject { ["en"] = detail } });
        return JsonSerializer.SerializeToUtf8Bytes(message, Pipeline.Json.Options);
    }

    private static byte[] Xml(SdmxRest rest, ProblemException problem)
    {
        var (message, common) = rest == SdmxRest.V1 ? (Message21, Common21) : (Message30, Common30);
        var to = new MemoryStream();
        using (var xml = XmlWriter.Create(to, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false }))
        {
            var code = Code(problem);
            xml.WriteStartElement("message", "Error", message);
            xml.WriteStartElement("message", "ErrorMessage", message);
            xml.WriteAttributeString("code", code.ToString(System.Globalization.CultureInfo.InvariantCulture));
            foreach (var text in (string[])[Title(code), Detail(problem)])
            {
                xml.WriteStartElement("common", "Text", common);
                xml.WriteAttributeString("xml", "lang", null, "en");
                xml.WriteString(XmlText.Clean(text));
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        return to.ToArray();
    }
}
