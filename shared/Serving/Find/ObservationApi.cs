using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Answers for single observations: what they are, where they come from, and what they were.</summary>
public sealed class ObservationApi
{
    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;
    private readonly Ledger ledger;
    private readonly Excerpts excerpts;
    private readonly ObservationHistory history;
    private readonly Withdrawals withdrawals;

    internal ObservationApi(Catalogue catalogue, VersionQueries lake, AnswerSender sender, Ledger ledger, Excerpts excerpts) =>
        (this.catalogue, this.sender, this.ledger, this.excerpts, history, withdrawals) = (catalogue, sender, ledger, excerpts, new ObservationHistory(catalogue, lake), new Withdrawals(catalogue, lake));

    /// <summary>GET /v1/observations/{id}</summary>
    public IResult Find(string id) => new Endpoint("GET, HEAD", true, async context =>
    {
        if (await sender.AgainAsync(context))
            return;
        var request = FindRequest.Read(context.Request, ["version", "asOf", "lang"]);
        var key = SeriesKey.Read(id, "id");
        var at = await catalogue.AtAsync(key.Dataset, request.Version, request.AsOf, context.RequestAborted);
        var codes = key.TryResolve(at, withPeriod: true) ?? throw await withdrawals.OfAsync(key, at, true, key.Problem(at, withPeriod: true, "unknown-observation"), context.RequestAborted);
        var identity = $"observation\n{at.Structure.Id}\n{at.Version.File}\n{string.Join('.', codes)}\n{request.Identity}";
        // What is said of the source may change when the upload goes: no answer is for good.
        await sender.SendAsync(context, new AnswerHead(identity, "application/json; charset=utf-8", at.Version.PublishedAt, false) { Of = at }, async token =>
        {
            var found = await history.FindAsync(at, codes[..^1], codes[^1], token)
                ?? throw await withdrawals.OfAsync(key, at, true, new ProblemException(StatusCodes.Status404NotFound, "unknown-observation", $"{at.Structure.Id} has each of these codes, but at version {at.Version.Version} no observation with all of them.")
                {
                    Parameter = "id",
                    Value = id,
                    Expected = SeriesKey.Template(at, withPeriod: true),
                }, token);
            return FindRequest.Body(await WriteAsync(found, request, token));
        });
    });

    private async Task<JsonObject> WriteAsync(SeriesRows found, FindRequest request, CancellationToken cancellationToken)
    {
        var at = found.At;
        string[] said = [Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult];
        var attributes = new JsonArray();
        for (var c = at.TimeIndex + 1; c < at.Components.Count; c++)
        {
            if (!said.Contains(at.Components[c].Id) && found.Code(c, found.CodeOf(0, c)) is { } code)
                attributes.Add(SeriesRows.Labelled(new JsonObject { ["id"] = at.Components[c].Id }, at.Components[c].Labels, ("code", code)));
        }
        var (states, isWhole) = await history.ReadAsync(found, cancellationToken);
        return new JsonObject
        {
            ["id"] = found.Id(0),
            ["label"] = found.Label(request.LanguagesOf(at)),
            ["dataset"] = SeriesRows.Labelled(new JsonObject { ["id"] = at.Structure.Id }, at.Structure.Title),
            ["version"] = at.Version.Version,
            ["publishedAt"] = JsonSerializer.SerializeToNode(at.Version.PublishedAt, Json.Options),
            ["dimensions"] = found.Dimensions(),
            ["period"] = found.Period(0) is { Length: > 0 } period ? period : null,
            ["value"] = found.Value(0),
            ["decimals"] = found.Decimals(0),
            ["status"] = CodeOf(Concepts.ObsStatus),
            ["unit"] = CodeOf(Concepts.UnitMeasure),
            ["unitMult"] = int.TryParse(found.CodeIdOf(0, Concepts.UnitMult), out var power) ? power : null,
            ["attributes"] = attributes,
            ["series"] = found.Key,
            ["source"] = await SourceAsync(found, cancellationToken),
            ["history"] = states,
            ["changes"] = states.Count - 1,
            ["isWholeHistory"] = isWhole,
            ["links"] = new JsonObject
            {
                ["self"] = SeriesKey.ObservationAddress(found.Id(0)),
                ["series"] = SeriesKey.SeriesAddress(found.Key),
                ["data"] = FindRequest.DataAddress(at, found.Codes),
                ["dataset"] = DatasetApi.Address(at.Structure.Id),
                ["version"] = $"{DatasetApi.Address(at.Structure.Id)}?version={at.Version.Version}",
            },
        };

        JsonObject? CodeOf(string id) => at.IndexOf(id) is >= 0 and var c ? found.Code(c, found.CodeOf(0, c)) : null;
    }

    private async Task<JsonObject> SourceAsync(SeriesRows found, CancellationToken cancellationToken)
    {
        var (id, place) = (found.Release(0), found.Place(0));
        var record = await ledger.FindAsync(id, cancellationToken);
        var (excerpt, reason) = record is null ? (null, "The ledger does not know the release.") : await excerpts.FindAsync(record, place, cancellationToken);
        var release = new JsonObject { ["id"] = id };
        if (record is not null)
        {
            release["file"] = record.File[(record.File.IndexOf('/', StringComparison.Ordinal) + 1)..];
            if (record.Title is not null)
                release["title"] = record.Title;
            release["format"] = record.Format;
            release["bytes"] = record.Bytes;
            release["sha256"] = record.Sha256;
            release["receivedAt"] = JsonSerializer.SerializeToNode(record.ReceivedAt, Json.Options);
            // Reports are for those who have a key.
            release["links"] = new JsonObject { ["report"] = "/v1/releases/" + Uri.EscapeDataString(id) };
        }
        var source = new JsonObject { ["place"] = place, ["release"] = release, ["excerpt"] = excerpt };
        if (reason is not null)
            source["reason"] = reason;
        return source;
    }
}
