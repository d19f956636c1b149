using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Pipeline.Checking;
using Pipeline.Querying;
using Pipeline.Reading;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Says what limits there are, each from the constant or the setting that holds, and what to do beyond.</summary>
public sealed class LimitsApi
{
    private readonly JsonObject limits;

    internal LimitsApi(IConfiguration configuration, KestrelServerLimits host) => limits = Write(configuration, host);

    /// <summary>GET /v1/limits</summary>
    public IResult Limits() => new Endpoint("GET, HEAD", true, async context =>
    {
        foreach (var name in context.Request.Query.Keys)
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, []);
        context.Response.Headers.CacheControl = "public, max-age=3600";
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, limits);
    });

    private static JsonObject Write(IConfiguration configuration, KestrelServerLimits host)
    {
        var reading = ReaderLimits.Default;
        (string Name, long Value, string Unit, string Beyond)[] all =
        [
            ("request.line", host.MaxRequestLineSize, "bytes of a request's first line", "ask by POST /v1/datasets/{dataset}/query"),
            ("request.headers", host.MaxRequestHeadersTotalSize, "bytes of all headers", "send fewer or shorter headers"),
            ("request.headers.count", host.MaxRequestHeaderCount, "headers", "send fewer headers"),
            ("data.limit", DataRequest.MostPerPage, "observations a page", "page with the cursor, or leave limit out and ask for csv or parquet"),
            ("data.sort", VersionQueries.SortLimit, "matching observations", "filter further, or leave sort out: the stored order has no limit"),
            ("query.body", DataRequest.MostBodyBytes, "bytes", "ask by several queries"),
            ("query.conditions", Conditions.Most, "conditions", "ask by several queries"),
            ("query.compute", Computations.Most, "computed columns", "ask by several queries"),
            ("query.computed", ComputedQueries.MostInMemory, "observations held for computing", "filter further"),
            ("query.groups", Grouping.MostGroups, "groups", "filter further, or group by fewer components"),
            ("layout.wide.columns", WideLayout.MostColumns, "columns across", "filter TIME_PERIOD, or ask for layout=long"),
            ("layout.wide.cells", WideLayout.MostCells, "cells", "filter further, or ask for layout=long"),
            ("query.depth", DataRequest.MostNested, "levels of JSON", "flatten the query"),
            ("format.xlsx.rows", ObservationXlsx.MostRows, "rows below the header", "filter further, page with limit, or ask for csv or parquet"),
            ("format.xlsx.columns", ObservationXlsx.MostColumns, "columns", "filter TIME_PERIOD, or ask for layout=long"),
            ("format.json-stat.observations", JsonStat.MostObservations, "observations", "filter further, or ask for csv or parquet"),
            ("format.json-stat.cells", JsonStat.MostCells, "cells, whether there is an observation in them or not", "filter further, or ask for csv or parquet"),
            ("format.px.cells", Px.MostCells, "cells, whether there is an observation in them or not", "filter further, or ask for csv or parquet"),
            ("datasets.limit", DatasetApi.MostPerPage, "datasets or versions a page", "page with the cursor"),
            ("search.limit", SearchApi.MostPerPage, "hits a page", "page with the cursor"),
            ("search.q.length", SearchQuery.MostLength, "characters", "search for fewer words"),
            ("search.q.words", SearchQuery.MostWords, "words", "search for fewer words"),
            ("search.candidates", SearchQuery.MostCandidates, "things compared with a search", "add a word, type or dataset: isWhole says false where more would have been compared"),
            ("search.places", SearchApi.MostPlaces, "places listed of a hit", "search with dataset="),
            ("search.codes", SearchIndex.MostCodesPerDataset, "codes of a dataset that are found", "read the codelist at /v1/datasets/{dataset}"),
            ("search.label", SearchIndex.LongestLabel, "characters of a code or label that is found", "read the codelist at /v1/datasets/{dataset}"),
            ("search.index", configuration.GetValue("Pipeline:SearchIndexBytes", SearchUpkeep.DefaultBytes), "bytes", "further datasets are found by their titles alone"),
            ("series.key.length", SeriesKey.MostLength, "characters of a key or an id", "write long codes as ~~ and their hash"),
            ("series.key.codes", SeriesKey.MostCodes, "codes of a key", "ask /v1/datasets/{dataset}/data"),
            ("series.key.code", SeriesKey.LongestCode, "bytes of a code that an answer writes out", "the hash after ~~ stands for a longer one"),
            ("series.observations", SeriesRows.MostObservations, "observations of an answer", "ask for last=N or a TIME_PERIOD range, or page through /data"),
            ("compare.series", SeriesApi.MostSeries, "series", "compare the others by another request"),
            ("observation.history", ObservationHistory.MostVersions, "versions looked at", "ask with version= for earlier ones: isWholeHistory says false where there are more"),
            ("excerpt.release", Excerpts.MostReleaseBytes, "bytes of a release that is opened", "read the place in the release itself"),
            ("excerpt.cells", Excerpts.MostCells, "cells walked over", "read the place in the release itself"),
            ("excerpt.text", ExcerptOfText.MostLength, "characters", "read the place in the release itself"),
            ("excerpt.lines", ExcerptOfTable.MostLines, "rows, and columns, of cells", "read the place in the release itself"),
            ("excerpt.cell", ExcerptOfTable.MostCellLength, "characters of the cell, a header or a stub", "read the place in the release itself"),
            ("excerpt.otherCell", ExcerptOfTable.MostOtherLength, "characters of a cell beside it", "read the place in the release itself"),
            ("savedQuery.body", SavedQueryApi.MostBytes, "bytes", "ask it by POST /v1/datasets/{dataset}/query"),
            ("pxweb.cells", PxWebApi.MaxDataCells, "cells selected", "select fewer values, fetch the table in parts, or ask /v1/datasets/{dataset}/data"),
            ("pxweb.selection.body", PxWebRequest.MostBytes, "bytes", "select by * and other expressions"),
            ("pxweb.selection.depth", PxBody.MostNested, "levels of JSON", "flatten the selection"),
            ("pxweb.expressions", PxSelection.MostExpressions, "expressions for a variable", "name the values, or select all by *"),
            ("pxweb.savedQuery.body", PxSavedQueryApi.MostBytes, "bytes", "select by * and other expressions, or ask by POST /pxweb/v2/tables/{id}/data"),
            ("odata.page", ODataRequest.MostPerPage, "entities a page", "follow @odata.nextLink"),
            ("odata.batch", ODataBatch.MostRequests, "requests of a batch", "send several batches"),
            ("odata.batch.body", ODataBatch.MostBytes, "bytes", "send several batches"),
            ("odata.groups", ODataGroups.MostGroups, "groups", "group by fewer properties, or filter first"),
            ("odata.expression", ODataRequest.MostSteps, "steps of an expression: and, or, not and a comparison are one each, a bracket is several", ODataRequest.FewerSteps),
            ("sdmx.artefacts", SdmxStructures.MostArtefacts, "artefacts of an answer", "name ids, or ask for one type of structure or the latest versions"),
            ("sdmx.names", SdmxReference.MostNames, "agencies, ids or items in a path", "ask for *, or by several requests"),
            ("sdmx.keys", SdmxKey.MostKeys, "series or slices in a key", "use * for a dimension, filters such as c[REF_AREA]=A,B, or several requests"),
            ("sdmx.operators", SdmxFilters.MostOperators, "values with operators", "ask by several requests: plain values with commas between are not counted"),
            ("sdmx.data.flows", SdmxDataSets.MostFlows, "dataflows that an answer has data of", "name those you want, with commas between"),
            ("sdmx.data.versions", SdmxDataSets.MostVersions, "versions of an answer, or of a history", "name those you want, or begin later with updatedAfter"),
            ("sdmx.availability.flows", SdmxAvailabilities.MostFlows, "dataflows looked through at once", "name one"),
            ("upload.profile", Profile.MaxBytes, "bytes of a profile", "leave out what the reading finds by itself"),
            ("upload.body", configuration.GetValue(ReleaseApi.MostBytesSetting, ReleaseApi.DefaultMostBytes), "bytes", "split the release into several files"),
            ("upload.text", reading.TextBytes, "bytes of a text", "upload the figures as CSV, or one release a file"),
            ("upload.cell", reading.CellLength, "characters of a cell", "shorten the cell"),
            ("upload.columns", reading.Columns, "columns of a row", "split the table"),
            ("upload.sheets", reading.Sheets, "sheets of a workbook", "split the workbook"),
            ("upload.unpacked", reading.UnpackedBytes, "bytes that a workbook or an archive unpacks to", "split the release into several files"),
            ("upload.entries", reading.Entries, "files of an archive", "split the archive"),
            ("value.digits", ReleaseCheck.MaxDigits, "digits of a value", "round it, or publish in a larger unit"),
            ("dataset.id", DatasetId.MaxLength, "characters", "choose a shorter id"),
        ];
        return new JsonObject
        {
            ["limits"] = new JsonArray([.. all.Select(l => (JsonNode)new JsonObject { ["name"] = l.Name, ["value"] = l.Value, ["unit"] = l.Unit, ["beyond"] = l.Beyond })]),
        };
    }
}
