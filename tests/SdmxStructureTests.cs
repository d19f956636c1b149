using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Pipeline.Serving;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The samples' structures, read by the clients that others wrote.</summary>
public sealed class SdmxStructureClientTests(SampleHost host) : IClassFixture<SampleHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_address_that_sdmx_rest_builds_is_answered_as_it_is_meant() =>
        int.Parse(await OthersTools.NodeAsync("sdmx-structure.mjs", Cancel, host.Address), CultureInfo.InvariantCulture).ShouldBeGreaterThan(300);

    [Fact]
    public async Task Rsdmx_reads_dataflows_structures_and_codelists()
    {
        var (isThere, why) = await OthersTools.FindAsync("Rscript", "-e", "library(rsdmx)");
        Assert.SkipUnless(isThere, $"R reads SDMX with the package rsdmx: {why}");
        const string script = """
            library(rsdmx)
            base <- paste0(commandArgs(TRUE)[1], "/sdmx/v1/")
            flows <- as.data.frame(readSDMX(paste0(base, "dataflow")))
            cat(flows[flows$id == "northmere-employment", "dsdRef"], "\n")
            all <- readSDMX(paste0(base, "datastructure/PIPELINE/DSD_northmere-employment/latest?references=children"))
            structure <- slot(slot(all, "datastructures"), "datastructures")[[1]]
            components <- as.data.frame(slot(structure, "Components"))
            cat(components$component, "\n")
            cat(components$conceptRef, "\n")
            codes <- as.data.frame(slot(all, "codelists"), codelistId = components$codelist[components$conceptRef == "SEX"])
            cat(codes$id, codes$label.en, codes$label.zh, "\n")
            concepts <- as.data.frame(readSDMX(paste0(base, "conceptscheme/PIPELINE/CS_northmere-employment")))
            cat(concepts$id, "\n")
            # As a provider of its own, with the labels of the structure that the data name.
            builder <- SDMXREST21RequestBuilder(regUrl = sub("/$", "", base), repoUrl = sub("/$", "", base), compliant = TRUE)
            addSDMXServiceProvider(SDMXServiceProvider(agencyId = "PIPELINE", name = "Pipeline", scale = "national", country = "ZZZ", builder = builder))
            data <- suppressWarnings(as.data.frame(readSDMX(providerId = "PIPELINE", resource = "data", flowRef = "northmere-employment", key = list("Q", NULL, "Ashwell", "C", c("F", "M")),
              start = "2023-Q1", end = "2023-Q2", dsd = TRUE, verbose = FALSE), labels = TRUE))
            cat(data$SEX, data$SEX_label.en, data$obsTime, "\n")
            """;
        var (code, output) = await OthersTools.RunAsync("Rscript", ["-e", script, host.Address], null, Cancel);
        code.ShouldBe(0, output);
        output.Split('\n', StringSplitOptions.TrimEntries).ShouldBe([
            "DSD_northmere-employment",
            "Dimension Dimension Dimension Dimension Dimension TimeDimension PrimaryMeasure Attribute Attribute Attribute Attribute Attribute Attribute Attribute",
            "FREQ INDICATOR REF_AREA ACTIVITY SEX TIME_PERIOD OBS_VALUE OBS_STATUS UNIT_MEASURE UNIT_MULT OBS_SYMBOL SOURCE DECIMALS RELEASE",
            "F M Female Male 女 男",
            "FREQ INDICATOR REF_AREA ACTIVITY SEX TIME_PERIOD OBS_VALUE OBS_STATUS UNIT_MEASURE UNIT_MULT OBS_SYMBOL SOURCE DECIMALS RELEASE",
            "F F M M Female Female Male Male 2023-Q1 2023-Q2 2023-Q1 2023-Q2",
            ""]);
    }

    // What sdmx1 (pandaSDMX's successor) asks by default, with the source's id as the agency, and the first elements that its reader looks for.
    [Theory]
    [InlineData("dataflow/PIPELINE/all/latest", "*/*", 200, "str:Dataflow")]
    [InlineData("dataflow/ALL/ALL/ALL", "*/*", 200, "str:Dataflow")]
    [InlineData("dataflow/PIPELINE/northmere-employment/latest?references=all", "*/*", 200, "str:DataStructure")]
    [InlineData("datastructure/PIPELINE/DSD_northmere-employment/latest?references=all", "*/*", 200, "str:Codelist")]
    [InlineData("codelist/PIPELINE/CL_SEX--northmere-employment/latest", "*/*", 200, "str:Code")]
    [InlineData("conceptscheme/PIPELINE/CS_northmere-employment/latest", "*/*", 200, "str:Concept")]
    [InlineData("agencyscheme/SDMX/all/latest", "*/*", 200, "str:Agency")]
    [InlineData("structure/PIPELINE/all/latest", "*/*", 200, "str:ConceptScheme")]
    [InlineData("availableconstraint/northmere-employment", "*/*", 200, "com:TimeRange")]
    [InlineData("data/northmere-employment?detail=serieskeysonly", "*/*", 200, "gen:SeriesKey")]
    [InlineData("data/northmere-employment/Q....?startPeriod=2023", "application/vnd.sdmx.structurespecificdata+xml;version=2.1", 200, "ss:Obs")]
    [InlineData("categoryscheme/PIPELINE/all/latest?references=parentsandsiblings", "*/*", 404, "mes:ErrorMessage")]
    [InlineData("contentconstraint/PIPELINE/all/latest", "*/*", 404, "mes:ErrorMessage")]
    [InlineData("agencyscheme/PIPELINE/all/latest", "*/*", 404, "mes:ErrorMessage")]
    [InlineData("organisationscheme/PIPELINE/all/latest", "*/*", 404, "mes:ErrorMessage")]
    [InlineData("provisionagreement/PIPELINE/all/latest", "*/*", 404, "mes:ErrorMessage")]
    [InlineData("metadataflow/PIPELINE/all/latest", "*/*", 404, "mes:ErrorMessage")]
    [InlineData("hierarchicalcodelist/PIPELINE/all/latest", "*/*", 404, "mes:ErrorMessage")]
    public async Task What_sdmx1_asks_by_default_is_answered_in_what_it_reads(string address, string accept, int status, string element)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sdmx/v1/" + address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("User-Agent", "python-requests/2.32");
        using var answer = await host.Client.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        ((int)answer.StatusCode).ShouldBe(status, text);
        // It chooses its reader by the media type; those without a vendor's name count as SDMX-ML 2.1.
        new[] { "application/xml", "application/vnd.sdmx.structure+xml", "application/vnd.sdmx.genericdata+xml", "application/vnd.sdmx.structurespecificdata+xml" }.ShouldContain(answer.Content.Headers.ContentType!.MediaType);
        var xml = XDocument.Parse(text).Root!;
        xml.DescendantsAndSelf().Select(e => e.Name).Where(n => n.LocalName == element[4..] || element == "ss:Obs" && n.LocalName == "Obs").ShouldNotBeEmpty(text);
        if (status != 200)
            return;
        xml.Name.NamespaceName.ShouldBe("http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message");
        XName Message(string name) => xml.Name.Namespace + name;
        xml.Element(Message("Header"))!.Elements().Select(e => e.Name.LocalName).Take(4).ShouldBe(["ID", "Test", "Prepared", "Sender"]);
        // References are elements Ref without a namespace, and what a data set refers to stands in the header.
        xml.Descendants().Where(e => e.Name.LocalName is "ConceptIdentity" or "Enumeration").ShouldAllBe(e => e.Elements().Single().Name == "Ref");
        foreach (var set in xml.Elements(Message("DataSet")))
            set.Attributes().Single(a => a.Name.LocalName == "structureRef").Value.ShouldBe(xml.Element(Message("Header"))!.Element(Message("Structure"))!.Attribute("structureID")!.Value);
        // Python's ISO dates are no quarters.
        foreach (var bound in xml.Descendants().Where(e => e.Name.LocalName is "StartPeriod" or "EndPeriod"))
            DateOnly.TryParseExact(bound.Value, "yyyy-MM-dd", out _).ShouldBeTrue(bound.Value);
    }

    [Theory]
    [InlineData(null, "/sdmx/v1/dataflow", "application/vnd.sdmx.structure+xml;version=2.1")]
    [InlineData("*/*", "/sdmx/v1/dataflow", "application/vnd.sdmx.structure+xml;version=2.1")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "/sdmx/v1/dataflow", "application/vnd.sdmx.structure+xml;version=2.1")]
    [InlineData("application/vnd.sdmx.structure+json;version=1.0", "/sdmx/v1/dataflow", "application/vnd.sdmx.structure+json;version=1.0")]
    [InlineData("application/json", "/sdmx/v1/dataflow", "application/vnd.sdmx.structure+json;version=1.0")]
    [InlineData("*/*", "/sdmx/v2/structure/dataflow", "application/vnd.sdmx.structure+json;version=2.1.0")]
    [InlineData("application/vnd.sdmx.structure+json;version=2.0.0", "/sdmx/v2/structure/dataflow", "application/vnd.sdmx.structure+json;version=2.0.0")]
    [InlineData("application/vnd.sdmx.structure+xml;version=2.1;q=0.5, application/vnd.sdmx.structure+xml;version=3.0.0", "/sdmx/v2/structure/dataflow", "application/vnd.sdmx.structure+xml;version=3.0.0")]
    [InlineData("application/vnd.sdmx.structure+xml;version=2+.0.0", "/sdmx/v2/structure/dataflow", "application/vnd.sdmx.structure+xml;version=3.0.0")]
    [InlineData("application/xml, */*", "/sdmx/v2/structure/dataflow", "application/vnd.sdmx.structure+xml;version=3.0.0")]
    [InlineData("application/vnd.sdmx.structure+json", "/sdmx/v2/schema/dataflow/*/northmere-employment", "application/vnd.sdmx.structure+json;version=2.1.0")]
    [InlineData("*/*", "/sdmx/v2/schema/dataflow/*/northmere-employment", "application/vnd.sdmx.schema+xml;version=3.0.0")]
    [InlineData("image/png", "/sdmx/v2/structure/dataflow", null)]
    [InlineData("application/vnd.sdmx.structure+xml;version=2.1", "/sdmx/v2/structure/dataflow", null)]
    public async Task The_format_that_is_wanted_most_comes(string? accept, string address, string? type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await host.Client.SendAsync(request, Cancel);
        answer.StatusCode.ShouldBe(type is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK);
        if (type is not null)
            answer.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe(type);
    }

    [Theory]
    [InlineData("/sdmx/v2/structure/dataflow/X", 404, 100)]
    [InlineData("/sdmx/v2/structure/dataflow/*/northmere-employmnt", 404, 100)]
    [InlineData("/sdmx/v2/structure/dataflow/*/northmere-employment/7.0.0", 404, 100)]
    [InlineData("/sdmx/v2/structure/dataflow/*/northmere-employment/1.2.3", 404, 100)]
    [InlineData("/sdmx/v2/structure/dataflow/*/northmere-employment/1.x", 400, 140)]
    [InlineData("/sdmx/v2/structure/dataflow/*/northmere-employment/99999999999999999999", 400, 140)]
    [InlineData("/sdmx/v2/structure/dataflow/*/northmere-employment/~/A", 400, 140)]
    [InlineData("/sdmx/v2/structure/dataflow//northmere-employment", 400, 140)]
    [InlineData("/sdmx/v2/structure/a/b/c/d/e/f", 400, 140)]
    [InlineData("/sdmx/v2/structure/codelist/*/CL_SEXX--northmere-employment", 404, 100)]
    [InlineData("/sdmx/v2/structure/codelist/*/CL_SEX--northmere-employment/~/X", 404, 100)]
    [InlineData("/sdmx/v2/structure/codelists", 404, 100)]
    [InlineData("/sdmx/v2/structure/dataflow?detail=ful", 400, 150)]
    [InlineData("/sdmx/v2/structure/dataflow?references=chldren", 400, 150)]
    [InlineData("/sdmx/v2/structure/dataflow?refs=none", 400, 150)]
    [InlineData("/sdmx/v2/structure/dataflow?asOf=yesterday", 400, 140)]
    [InlineData("/sdmx/v2/structur", 404, 100)]
    [InlineData("/sdmx/v2/nothing", 404, 100)]
    [InlineData("/sdmx/v1/codelst", 404, 100)]
    [InlineData("/sdmx/v2/metadata/metadataset/*/x", 501, 501)]
    [InlineData("/sdmx/v2/registration/id/x", 501, 501)]
    [InlineData("/sdmx/v1/metadata/x", 501, 501)]
    [InlineData("/sdmx/v1/categoryscheme", 404, 100)]
    [InlineData("/sdmx/v2/availability/provisionagreement/*/x", 404, 100)]
    [InlineData("/sdmx/v2/availability/flow/*/northmere-employment", 400, 150)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment/~/*.*.*.*.*.*.*", 400, 140)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment/~/*.*.Ashwel", 404, 100)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment/~/*/SEXX", 404, 100)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment?c[SEXX]=F", 400, 150)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment?c[SEX]=F&c[SEX]=M", 400, 150)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment?c[SEX]=", 400, 140)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment?c[TIME_PERIOD]=ge:20x", 400, 140)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment?c[OBS_VALUE]=ge:1e999", 400, 140)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment?c[SOURCE]=C7", 501, 501)]
    [InlineData("/sdmx/v2/availability/dataflow/*/northmere-employment?mode=all", 400, 150)]
    [InlineData("/sdmx/v1/availableconstraint/northmere-employment/all/OTHER", 404, 100)]
    [InlineData("/sdmx/v1/availableconstraint/a,b,c,d", 400, 140)]
    [InlineData("/sdmx/v1/availableconstraint", 400, 140)]
    [InlineData("/sdmx/v2/schema/dataflow", 400, 140)]
    [InlineData("/sdmx/v2/schema/dataflow/*/*", 400, 140)]
    [InlineData("/sdmx/v2/schema/dataflow/*/northmere-employment?dimensionAtObservation=SX", 400, 150)]
    [InlineData("/sdmx/v2/schema/dataflow/*/northmere-employment?deletion=maybe", 400, 140)]
    public async Task An_error_has_SDMXs_code_in_the_form_that_was_asked_for(string address, int status, int code)
    {
        foreach (var accept in (string[])["application/json", "application/xml"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            using var answer = await host.Client.SendAsync(request, Cancel);
            var text = await answer.Content.ReadAsStringAsync(Cancel);
            ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType).ShouldBe((status, accept), text);
            var told = accept == "application/json" ? (int)JsonNode.Parse(text)!["errors"]![0]!["code"]! : int.Parse(XDocument.Parse(text).Root!.Elements().Single().Attribute("code")!.Value, CultureInfo.InvariantCulture);
            // From SDMX-JSON 2.1 on, the default of 2.x, the code is HTTP's.
            told.ShouldBe(accept == "application/json" && address.StartsWith("/sdmx/v2", StringComparison.Ordinal) ? status : code, text);
        }
    }

    [Fact]
    public async Task Many_operators_are_refused_and_many_keys_are_put_together()
    {
        using var refused = await host.Client.GetAsync("/sdmx/v2/availability/dataflow/*/northmere-employment?c[SEX]=" + string.Join(',', Enumerable.Repeat("co:F", 200)), Cancel);
        refused.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var merged = await host.Client.GetAsync("/sdmx/v2/availability/dataflow/*/northmere-employment/~/" + string.Join(',', Enumerable.Range(0, 600).Select(i => $"*.*.R{i}").Append("*.*.Ashwell")), Cancel);
        merged.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}

/// <summary>Structures of datasets made for the test.</summary>
public sealed class SdmxStructureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("650000", "650000")]
    [InlineData("A_b-c@d$e", "A_b-c@d$e")]
    [InlineData("中国", "$4E2D56FD$")]
    [InlineData("1.5", "1$002E$5")]
    [InlineData("$0041$", "$0024$0041$0024$")]
    [InlineData("$$", "$00240024$")]
    [InlineData("", "$$")]
    [InlineData("a $b", "a$00200024$b")]
    public void A_code_has_an_id_of_its_own_and_comes_back_from_it(string code, string id) => (SdmxIds.OfCode(code), SdmxIds.CodeOf(id)).ShouldBe((id, code));

    [Theory]
    [InlineData("REF_AREA", "REF_AREA")]
    [InlineData("A-", "A-")]
    [InlineData("A--B", "AU-002D002D-B")]
    [InlineData("2ND", "U-0032-ND")]
    [InlineData("产量 U", "U-4EA791CF0020-U")]
    [InlineData("U-0041-", "UU-002D-0041U-002D-")]
    public void A_component_has_an_id_of_its_own_and_so_has_its_codelist(string component, string id)
    {
        (SdmxIds.OfComponent(component), SdmxIds.ComponentOf(id)).ShouldBe((id, component));
        SdmxIds.CodelistOf(SdmxIds.Codelist("a--b", component)).ShouldBe(("a--b", component));
    }

    [Theory]
    [InlineData("2023-01/2023-06", "2023-01-01/P6M")]
    [InlineData("2020/2022", "2020-01-01/P36M")]
    [InlineData("2023-01-05/2023-02-17", "2023-01-05/P44D")]
    [InlineData("2023-Q1", "2023-Q1")]
    [InlineData("next year", "next year")]
    public void A_range_is_written_as_SDMX_does(string ours, string sdmx) => SdmxTime.Of(ours).ShouldBe(sdmx);

    [Theory]
    [InlineData("2023-A1", "2023-01-01", "2023-12-31")]
    [InlineData("2023-T2", "2023-05-01", "2023-08-31")]
    [InlineData("2023-M06", "2023-06-01", "2023-06-30")]
    [InlineData("2024-D366", "2024-12-31", "2024-12-31")]
    [InlineData("2023-D366", null, null)]
    [InlineData("2023-01-01/P1Y6M", "2023-01-01", "2024-06-30")]
    [InlineData("2023-01-01T00:00:00", "2023-01-01", "2023-01-01")]
    [InlineData("9999-12-31/P99999M", null, null)]
    [InlineData("2023-01-01/P99999999999999999999D", null, null)]
    [InlineData("2023-01/2023-06", "2023-01-01", "2023-06-30")]
    public void A_period_is_read_as_SDMX_writes_it(string text, string? first, string? last)
    {
        var isPeriod = SdmxTime.TryParse(text, out var period);
        (isPeriod ? $"{period.Start:yyyy-MM-dd} {period.End:yyyy-MM-dd}" : "none").ShouldBe(first is null ? "none" : $"{first} {last}");
    }

    [Theory]
    [InlineData("", "5")]
    [InlineData("~", "5")]
    [InlineData("+", "5")]
    [InlineData("latest", "5")]
    [InlineData("*", "1 2 3 4 5")]
    [InlineData("2", "2")]
    [InlineData("2.0", "2")]
    [InlineData("2.0.0,4.0.0", "2 4")]
    [InlineData("2.1.0", "")]
    [InlineData("3+.0.0", "5")]
    [InlineData("6+.0.0", "")]
    [InlineData("3*.0.0", "3 4 5")]
    [InlineData("3*.0.1", "4 5")]
    [InlineData("3.0+.0", "3")]
    [InlineData("3.*", "3")]
    [InlineData("~.0.0", "5")]
    [InlineData("999999999999", null)]
    [InlineData("1+.0+.0", null)]
    [InlineData("1.0.0.0", null)]
    [InlineData("v1", null)]
    public void Versions_are_chosen_as_the_standard_says(string text, string? chosen)
    {
        if (chosen is null)
            Should.Throw<ProblemException>(() => SdmxVersions.Parse(text));
        else
            string.Join(' ', SdmxVersions.Parse(text).Of(5)).ShouldBe(chosen);
    }

    [Fact]
    public async Task Every_version_stays_and_awkward_codes_go_out_and_come_back()
    {
        await using var served = await Served.StartAsync(("Pipeline:Agency", "CN.XJ"));
        await served.PublishAsync("trade", Awkward("中国", "a.b c", "2023-01/2023-06"));
        await served.PublishAsync("trade", Awkward("中国", "x,y", "2023"));

        var flows = (await served.JsonAsync("/sdmx/v2/structure/dataflow/CN.XJ/trade/*"))["data"]!["dataflows"]!.AsArray();
        flows.Select(f => (string)f!["version"]!).ShouldBe(["1.0.0", "2.0.0"]);
        (await CodesAsync("1.0.0")).ShouldBe(["$4E2D56FD$ 中国", "a$002E$b$0020$c a.b c"]);
        (await CodesAsync("~")).ShouldBe(["$4E2D56FD$ 中国", "x$002C$y x,y", "a$002E$b$0020$c a.b c"]);
        (await CodesAsync("~/$4E2D56FD$")).ShouldBe(["$4E2D56FD$ 中国"]);

        // The key and the filter take the ids that the codelist gives, and a period as SDMX writes it.
        foreach (var query in (string[])["~/*.$4E2D56FD$/*?c[TIME_PERIOD]=2023-01-01/P6M", "~/*?c[U-4EA754C1-]=$4E2D56FD$&c[TIME_PERIOD]=lt:2023-07", "~/*?c[U-4EA754C1-]=sw:中&c[TIME_PERIOD]=ne:2023"])
        {
            var region = (await served.JsonAsync("/sdmx/v2/availability/dataflow/*/trade/" + query))["data"]!["availabilityConstraints"]![0]!;
            ((int)region["obsCount"]!).ShouldBe(1, query);
            string.Join(' ', region["cubeRegion"]!["keyValues"]!.AsArray().Select(k => $"{k!["id"]}={k["values"]?[0] ?? k["timeRange"]!["startPeriod"]!["period"]}")).ShouldBe("FREQ=_O U-4EA754C1-=$4E2D56FD$ TIME_PERIOD=2023-01-01");
        }

        var pinned = await served.Client.GetAsync("/sdmx/v2/structure/dataflow/CN.XJ/trade/1.0.0", Cancel);
        pinned.Headers.CacheControl!.ToString().ShouldContain("immutable");
        var scheme = XDocument.Parse(await served.Client.GetStringAsync("/sdmx/v1/agencyscheme", Cancel)).Descendants().Where(e => e.Name.LocalName is "AgencyScheme" or "Agency").ToList();
        (scheme[0].Attribute("agencyID")!.Value, scheme[1].Attribute("id")!.Value).ShouldBe(("CN", "XJ"));

        async Task<List<string>> CodesAsync(string rest)
        {
            var list = (await served.JsonAsync("/sdmx/v2/structure/codelist/CN.XJ/CL_U-4EA754C1---trade/" + rest))["data"]!["codelists"]![0]!;
            return [.. list["codes"]!.AsArray().Select(c => $"{c!["id"]} {c["name"]}")];
        }
    }

    [Fact]
    public async Task A_dataset_without_periods_has_no_time_dimension()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("notime", Awkward("A", "B", ""));
        var structure = (await served.JsonAsync("/sdmx/v2/structure/datastructure/*/DSD_notime"))["data"]!["dataStructures"]![0]!["dataStructureComponents"]!;
        structure["dimensionList"]!.AsObject().ContainsKey("timeDimension").ShouldBeFalse();
        structure["dimensionList"]!["dimensions"]!.AsArray().Count.ShouldBe(2);
        (await served.Client.GetStringAsync("/sdmx/v2/schema/dataflow/PIPELINE/notime", Cancel)).ShouldContain(":ObsLevelDim:AllDimensions");
    }

    [Fact]
    public async Task References_and_details_bring_what_they_say()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("trade", Awkward("A", "B", "2023"));
        (await KindsAsync("dataflow/*/trade")).ShouldBe("dataflows:1");
        (await KindsAsync("dataflow/*/trade?references=children")).ShouldBe("agencySchemes:1 dataflows:1 dataStructures:1");
        (await KindsAsync("dataflow/*/trade?references=descendants")).ShouldBe("agencySchemes:1 dataflows:1 dataStructures:1 conceptSchemes:1 codelists:5");
        (await KindsAsync("codelist/*/CL_FREQ--trade?references=parents")).ShouldBe("dataStructures:1 codelists:1");
        (await KindsAsync("codelist/*/CL_FREQ--trade?references=ancestors")).ShouldBe("dataflows:1 dataStructures:1 codelists:1");
        (await KindsAsync("codelist/*/CL_FREQ--trade?references=parentsandsiblings")).ShouldBe("agencySchemes:1 dataStructures:1 conceptSchemes:1 codelists:5");
        (await KindsAsync("datastructure?references=dataflow,conceptscheme")).ShouldBe("dataflows:1 dataStructures:1 conceptSchemes:1");
        (await KindsAsync("*/*/*/*")).ShouldBe("agencySchemes:1 dataflows:1 dataStructures:1 conceptSchemes:1 codelists:5");
        (await KindsAsync("*/SDMX")).ShouldBe("agencySchemes:1");

        var some = (await served.JsonAsync("/sdmx/v2/structure/datastructure/*/DSD_trade?references=children&detail=referencestubs"))["data"]!;
        some["dataStructures"]![0]!.AsObject().ContainsKey("dataStructureComponents").ShouldBeTrue();
        some["codelists"]!.AsArray().ShouldAllBe(c => (bool)c!["isExternalReference"]! && c["codes"] == null);
        using var nothing = await served.Client.GetAsync("/sdmx/v2/structure/categoryscheme", Cancel);
        nothing.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        async Task<string> KindsAsync(string path) => string.Join(' ', (await served.JsonAsync("/sdmx/v2/structure/" + path))["data"]!.AsObject().Select(k => $"{k.Key}:{k.Value!.AsArray().Count}"));
    }

    // A cube with a Chinese component, 产品, of two products that have one period each.
    private static Cube Awkward(string first, string second, string period)
    {
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension),
            new("产品", ComponentRole.Dimension),
            new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute),
            new(Concepts.UnitMeasure, ComponentRole.Attribute),
            new(Concepts.UnitMult, ComponentRole.Attribute),
        ];
        var cube = new Cube(components, []);
        foreach (var product in (string[])[first, second])
        {
            string[] codes = [period.Length == 0 ? "_Z" : period.Contains('/') ? "_O" : "A", product, period, "A", "T", "0"];
            cube.Observations.Add([.. codes.Select((code, i) => components[i].Codes.Add(code))], 1.5m, Source.Cell(2, 3));
        }
        return cube;
    }
}
