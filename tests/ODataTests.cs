using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.Edm.Csdl;
using Pipeline.Serving;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>OData as clients that others wrote see it, and as OData 4.01 has it.</summary>
public sealed class ODataTests(ODataHost host) : IClassFixture<ODataHost>
{
    // What Power Query (Excel, Power BI) sends with every request as long as it does not know what the server speaks.
    private const string PowerQuery = "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_of_npm_read_the_model_and_the_pages_and_random_filters_give_what_a_naive_evaluation_gives()
    {
        var read = JsonNode.Parse(await OthersTools.NodeAsync("odata.mjs", Cancel, host.Service("tricky"), "250", "20260101"))!;
        ((int)read["rows"]!, (int)read["pages"]!).ShouldBe((49, 7));
        ((int)read["matched"]!).ShouldBeGreaterThan(100);
    }

    [Theory]
    [InlineData("4.0", "minimal")]
    [InlineData("4.0", "full")]
    [InlineData("4.01", "minimal")]
    [InlineData("4.01", "full")]
    public async Task The_library_that_Power_Query_is_built_on_reads_everything(string version, string metadata)
    {
        var service = host.Service("tricky");
        Task<Answer> Get(string path, string accept = "application/json") => AnswerAsync(path, ("OData-MaxVersion", version), ("Accept", $"{accept};odata.metadata={metadata}"));
        using var xml = XmlReader.Create(new MemoryStream(await BytesAsync(service + "$metadata", ("OData-MaxVersion", version))));
        CsdlReader.TryParse(xml, out var model, out var errors).ShouldBeTrue(string.Join("; ", errors));
        model.GetEdmVersion().ShouldBe(Version.Parse(version == "4.0" ? "4.0" : "4.1"));
        var settings = new ODataMessageReaderSettings { Version = version == "4.0" ? ODataVersion.V4 : ODataVersion.V401, MaxProtocolVersion = version == "4.0" ? ODataVersion.V4 : ODataVersion.V401 };

        using (var reader = new ODataMessageReader((IODataResponseMessage)await Get(service), settings, model))
            reader.ReadServiceDocument().EntitySets.Select(s => s.Name).ShouldContain("Observations");
        using (var catalogue = new ODataMessageReader((IODataResponseMessage)await Get(host.Service("")[..^1]), settings, new EdmModel()))
            catalogue.ReadServiceDocument().EntitySets.Select(s => s.Name).ShouldContain("_Datasets");

        foreach (var query in (string[])["", "?$select=REF_AREA,OBS_VALUE", "?$expand=REF_AREA_Code,NOTE_Code", "?$select=OBS_VALUE&$expand=REF_AREA_Code($select=Id,Label_zh)&$count=true", "?$apply=groupby((REF_AREA),aggregate($count as N))"])
        {
            // The properties of groups are not in the model.
            settings.Validations = query.Contains("apply") ? ValidationKinds.All & ~ValidationKinds.ThrowOnUndeclaredPropertyForNonOpenType : ValidationKinds.All;
            using var message = new ODataMessageReader((IODataResponseMessage)await Get(service + "Observations" + query), settings, model);
            var set = model.EntityContainer.FindEntitySet("Observations");
            var reader = message.CreateODataResourceSetReader(set, set.EntityType);
            var (values, expanded) = (new List<ODataResource>(), 0);
            while (reader.Read())
            {
                if (reader is { State: ODataReaderState.ResourceEnd, Item: ODataResource resource })
                    values.Add(resource);
                expanded += reader.State == ODataReaderState.NestedResourceInfoEnd && metadata == "minimal" ? 1 : 0;
            }
            values.Count.ShouldBeGreaterThanOrEqualTo(query.Contains("apply") ? 7 : 49, query);
            if (query.Length == 0)
                values.Select(v => v.Properties.OfType<ODataProperty>().First(p => p.Name == "OBS_VALUE").Value).OfType<decimal>().Sum().ShouldBe((await RowsAsync()).Sum(r => (decimal?)r["OBS_VALUE"] ?? 0));
            else if (query.Contains("expand"))
                values.SelectMany(v => v.Properties.OfType<ODataProperty>()).ShouldContain(p => p.Name == "Label_zh" && (string?)p.Value == "奥'布赖恩");
        }
        using var wrong = new ODataMessageReader((IODataResponseMessage)await Get(service + "Observations?$filter=x eq 1"), settings, model);
        wrong.ReadError().Code.ShouldBe("malformed-value");
    }

    [Fact]
    public async Task What_Excel_and_Power_BI_send_is_answered_in_the_version_and_the_form_that_they_read()
    {
        var service = host.Service("tricky");
        (string, string)[] headers = [("Accept", PowerQuery), ("MaxDataServiceVersion", "3.0"), ("OData-MaxVersion", "4.0"), ("User-Agent", "Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)")];
        foreach (var (path, type) in ((string, string)[])[("", "application/json"), ("$metadata", "application/xml"), ("Observations", "application/json"), ("Observations?$top=1000", "application/json"), ("Observations/$count", "text/plain"),
            ("Observations?$filter=REF_AREA eq 'O''Brien' and OBS_VALUE gt 1e2&$orderby=FREQ,REF_AREA,TIME_PERIOD&$select=FREQ,REF_AREA&$skip=0&$top=200", "application/json")])
        {
            using var answer = await SendAsync(HttpMethod.Get, service + path, headers);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            answer.Headers.GetValues("OData-Version").ShouldBe(["4.0"]);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe(type, path);
            if (type == "application/json")
                answer.Content.Headers.ContentType.Parameters.ShouldContain(p => p.Name == "odata.metadata" && p.Value == "minimal");
        }
        // Power Query does not know the parentheses that 4.01 puts after what is expanded.
        const string expand = "Observations?$select=OBS_VALUE&$expand=REF_AREA_Code&$top=1";
        ((string)(await JsonAsync(service + expand, headers))["@odata.context"]!).ShouldEndWith("$metadata#Observations(OBS_VALUE,REF_AREA_Code)");
        ((string)(await JsonAsync(service + expand))["@odata.context"]!).ShouldEndWith("$metadata#Observations(OBS_VALUE,REF_AREA_Code())");
    }

    [Fact]
    public async Task Every_observation_has_an_address_whatever_is_in_its_key()
    {
        var rows = await RowsAsync("", ("Accept", "application/json;odata.metadata=full"));
        foreach (var row in rows)
        {
            var id = (string)row["@odata.id"]!;
            var one = await JsonAsync(id);
            ((string)one["@odata.context"]!).ShouldEndWith("#Observations/$entity");
            foreach (var (name, value) in one.Where(m => m.Key[0] != '@'))
                JsonNode.DeepEquals(value, row[name]).ShouldBeTrue(id);
            var code = await JsonAsync((string)row["REF_AREA_Code@odata.navigationLink"]!);
            ((string)code["Id"]!).ShouldBe((string)row["REF_AREA"]!);
        }
        var missing = (string)rows.First(r => r["OBS_VALUE"] is null)["@odata.id"]!;
        (await SendAsync(HttpMethod.Get, missing + "/OBS_VALUE")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await SendAsync(HttpMethod.Get, (string)rows.First(r => r["NOTE"] is null)["@odata.id"]! + "/NOTE_Code")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var seven = (string)rows.First(r => r["OBS_VALUE"]?.ToJsonString() == "7.0")["@odata.id"]!;
        (await TextAsync(seven + "/OBS_VALUE/$value")).ShouldBe("7.0");
        (await JsonAsync(seven + "/OBS_VALUE"))["value"]!.ToJsonString().ShouldBe("7.0");
        (await JsonAsync(host.Service("tricky") + "REF_AREA_Codes('O''Brien')"))["Label_zh"]!.ToString().ShouldBe("奥'布赖恩");
        (await TextAsync(host.Service("tricky") + "REF_AREA_Codes('x%2Fy')/Parent/$value")).ShouldBe("a b");
        (await JsonAsync(host.Service("tricky") + "UNIT_MULT_Codes(10)"))["Id"]!.ToJsonString().ShouldBe("10");
        // Where no property is selected there is none, and the answer is JSON all the same.
        foreach (var metadata in (string[])["none", "minimal", "full"])
            (await JsonAsync($"{rows[0]["@odata.id"]}?$select=REF_AREA_Code&$format=application/json;odata.metadata={metadata}")).ShouldAllBe(m => m.Key.Contains('@'));
    }

    [Theory]
    [InlineData("OBS_VALUE")]
    [InlineData("OBS_VALUE desc,TIME_START")]
    [InlineData("NOTE,OBS_VALUE desc")]
    [InlineData("NOTE desc,UNIT_MULT desc,REF_AREA")]
    [InlineData("TIME_END desc,REF_AREA desc")]
    [InlineData("REF_AREA_Code/Label_zh,TIME_START desc")]
    [InlineData("length(REF_AREA) desc,tolower(REF_AREA)")]
    [InlineData("FREQ,REF_AREA")]
    [InlineData("-OBS_VALUE")]
    [InlineData("OBS_VALUE mul -1 desc,NOTE")]
    [InlineData("OBS_VALUE,OBS_VALUE desc,NOTE desc")]
    [InlineData("1 add 1 desc,OBS_VALUE div 2 add UNIT_MULT desc")]
    [InlineData("OBS_VALUE gt 100 or UNIT_MULT eq 10 desc,OBS_VALUE")]
    public async Task Orders_are_as_OData_has_them_nulls_below_everything(string orderby)
    {
        var rows = await RowsAsync("?$expand=REF_AREA_Code");
        var sorted = rows.OrderBy(_ => 0);
        foreach (var key in orderby.Split(','))
        {
            var descending = key.EndsWith(" desc", StringComparison.Ordinal);
            var name = descending ? key[..^5] : key;
            IComparable? Key(JsonObject row) => name switch
            {
                "OBS_VALUE" or "UNIT_MULT" => (decimal?)row[name],
                "-OBS_VALUE" or "OBS_VALUE mul -1" => -(decimal?)row["OBS_VALUE"],
                "1 add 1" => 2m,
                "OBS_VALUE div 2 add UNIT_MULT" => ((decimal?)row["OBS_VALUE"] / 2) + (decimal)row["UNIT_MULT"]!,
                "OBS_VALUE gt 100 or UNIT_MULT eq 10" => (decimal?)row["OBS_VALUE"] > 100 || (decimal)row["UNIT_MULT"]! == 10,
                "REF_AREA_Code/Label_zh" => Ordinal((string?)row["REF_AREA_Code"]!["Label_zh"]),
                "length(REF_AREA)" => ((string)row["REF_AREA"]!).Length,
                "tolower(REF_AREA)" => Ordinal(((string)row["REF_AREA"]!).ToLowerInvariant()),
                _ => Ordinal((string?)row[name]),
            };
            sorted = descending ? sorted.ThenByDescending(Key) : sorted.ThenBy(Key);
        }
        // Where the keys are equal, the stored order decides.
        (await RowsAsync("?$expand=REF_AREA_Code&$orderby=" + orderby)).Select(r => r.ToJsonString()).ShouldBe(sorted.Select(r => r.ToJsonString()));

        // Hex digits of UTF-16, so that a text compares by its characters' numbers.
        static IComparable? Ordinal(string? text) => text is null ? null : Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text));
    }

    [Fact]
    public async Task The_model_says_what_can_not_be_filtered_or_sorted()
    {
        await host.Served.PublishAsync("restricted", Cubes.Of([new Row("R1", "2023", 1, "A", "PT")]));
        var service = host.Service("restricted");
        var model = XDocument.Parse(await TextAsync(service + "$metadata"));
        List<string> Paths(string property) => [.. model.Descendants().Where(e => e.Name.LocalName == "PropertyValue" && (string?)e.Attribute("Property") == property).Descendants().Where(e => !e.HasElements).Select(e => e.Value)];
        Paths("NonFilterableProperties").ShouldBe(["SOURCE", "DECIMALS"]);
        Paths("NonSortableProperties").ShouldBe(["SOURCE", "DECIMALS", "RELEASE"]);
        // What it says of each set, and of the service, is so.
        string Said(string of, string term) => string.Concat(model.Descendants().Where(e => e.Name.LocalName == "Annotation" && ((string)e.Attribute("Term")!).EndsWith("." + term, StringComparison.Ordinal) && (string?)e.Parent!.Attribute("Name") == of)
            .Select(e => (string?)e.Attribute("Bool") ?? string.Join(' ', e.Descendants().Where(p => p.Name.LocalName == "PropertyValue" && !p.HasElements).Select(p => $"{p.Attribute("Property")!.Value}={p.Attributes().Last().Value}"))));
        foreach (var set in (string[])["Observations", "REF_AREA_Codes"])
        {
            string.Join(' ', ((string[])["TopSupported", "SkipSupported", "CountRestrictions", "SearchRestrictions"]).Select(term => Said(set, term))).ShouldBe("true true Countable=true Searchable=true");
            Said(set, "SelectSupport").ShouldStartWith("Supported=true Expandable=false");
            ((int)(await JsonAsync(service + set + "?$top=1&$skip=0&$count=true&$search=R1 OR NOT R2&$select=*"))["@odata.count"]!).ShouldBe(1);
        }
        (Said("Observations", "ExpandRestrictions"), Said("REF_AREA_Codes", "ExpandRestrictions")).ShouldBe(("Expandable=true MaxLevels=1", "Expandable=false"));
        Said("Dataset", "CustomQueryOptions").ShouldContain("Name=asOf");
        foreach (var (query, status) in ((string, int)[])[("$orderby=SOURCE", 501), ("$orderby=RELEASE", 501), ("$filter=DECIMALS eq 1", 501), ("$filter=RELEASE eq 'x'", 200), ("$search=R1", 200), ("$search=NOT R1 OR \"R 1\"", 200), ("$expand=Foo", 400)])
            ((int)(await host.Served.Client.GetAsync(service + "Observations?" + query, Cancel)).StatusCode).ShouldBe(status, query);
        (await JsonAsync(service + "Observations?$search=r1"))["value"]!.AsArray().Count.ShouldBe(1);
        ((int)(await host.Served.Client.GetAsync(service + "REF_AREA_Codes?$expand=Foo", Cancel)).StatusCode).ShouldBe(400);
    }

    [Fact]
    public async Task A_mean_is_the_same_here_and_in_v1()
    {
        var here = await JsonAsync(host.Service("cents") + "Observations?$apply=filter(TIME_PERIOD in ('2022','2023','2024'))/groupby((UNIT_MEASURE),aggregate(OBS_VALUE with average as Mean))");
        var there = await JsonAsync(host.Served.Host.Host.Address + "v1/datasets/cents/data?TIME_PERIOD=2022,2023,2024&group=UNIT_MEASURE&aggregate=mean");
        (here["value"]![0]!["Mean"]!.ToJsonString(), there["observations"]![0]!["MEAN"]!.ToJsonString()).ShouldBe(("95305.290433", "95305.290433"));
    }

    [Fact]
    public async Task Pages_follow_one_another_in_any_order_and_keep_their_version()
    {
        await host.Served.PublishAsync("paged", Cubes.Of(Enumerable.Range(0, 50).Select(n => new Row($"{n:D3}", "2023", n % 10, "A", "PT"))));
        var service = host.Service("paged");
        foreach (var query in (string[])["$count=true", "$orderby=OBS_VALUE desc", "$filter=OBS_VALUE lt 5", "$filter=OBS_VALUE lt 5&$skip=3", "$orderby=OBS_VALUE&$top=17&$skip=2", "$skip=49", "$skip=1000", "$top=0", "$search=\"04\"", "$search=04"])
        {
            var whole = (await JsonAsync(service + "Observations?" + query))["value"]!.AsArray().Select(r => r!.ToJsonString()).ToList();
            var (seen, next) = (new List<string>(), service + "Observations?" + query);
            for (var page = 0; next is not null; page++)
            {
                var json = await JsonAsync(next, ("Prefer", "odata.maxpagesize=6"));
                seen.AddRange(json["value"]!.AsArray().Select(r => r!.ToJsonString()));
                next = (string?)json["@odata.nextLink"];
                // The page is of the version that the first one was of, whatever has been published since.
                if (page == 1 && query == "$count=true")
                {
                    await host.Served.PublishAsync("paged", Cubes.Of([new Row("000", "2022", 99, "A", "PT")]));
                    await Task.Delay(1100, Cancel);
                }
            }
            seen.ShouldBe(whole, query);
        }
        (await TextAsync(service + "Observations/$count")).ShouldBe("51");
        (await TextAsync(service + "Observations/$count?version=1")).ShouldBe("50");
        ((string)(await JsonAsync(service + "Observations?version=1&$top=1"))["@odata.context"]!).ShouldEndWith("$metadata?version=1#Observations");
        // Without a wish the page has its own limit, and $top goes beyond it.
        var first = await JsonAsync(host.Service("many") + "Observations?$select=OBS_VALUE&$count=true");
        (first["value"]!.AsArray().Count, (int)first["@odata.count"]!, first["@odata.nextLink"] is null).ShouldBe((10_000, 25_000, false));
        (await JsonAsync(host.Service("many") + "Observations?$select=OBS_VALUE&$top=24000"))["value"]!.AsArray().Count.ShouldBe(24_000);
    }

    [Theory]
    [InlineData("groupby((REF_AREA))", "")]
    [InlineData("filter(REF_AREA in ('650000','1,2.5','北京') and FREQ eq 'A')/groupby((UNIT_MEASURE,UNIT_MULT),aggregate(OBS_VALUE with sum as Sum,OBS_VALUE with min as Min,OBS_VALUE with max as Max,OBS_VALUE with average as Mean,$count as N,REF_AREA with countdistinct as Areas))", "&$orderby=Sum desc")]
    [InlineData("groupby((UNIT_MEASURE,UNIT_MULT),aggregate(OBS_VALUE with min as Min,OBS_VALUE with max as Max,$count as N,REF_AREA with countdistinct as Areas))", "&$orderby=Max desc")]
    [InlineData("filter(REF_AREA in ('650000','1,2.5','北京') and FREQ eq 'A')/groupby((TIME_START,UNIT_MEASURE,UNIT_MULT),aggregate(OBS_VALUE with sum as Sum))", "&$filter=Sum gt 0&$count=true")]
    [InlineData("filter(UNIT_MEASURE eq 'T' and UNIT_MULT eq 3)/aggregate(OBS_VALUE with max as Max,OBS_VALUE with countdistinct as Different)", "")]
    public async Task Groups_are_those_that_LINQ_makes(string apply, string more)
    {
        var rows = (await RowsAsync()).Where(r => !apply.StartsWith("filter", StringComparison.Ordinal)
            || (apply.Contains("FREQ eq 'A'") ? (string)r["FREQ"]! == "A" && (string)r["REF_AREA"]! is "650000" or "1,2.5" or "北京" : (string)r["UNIT_MEASURE"]! == "T" && (int)r["UNIT_MULT"]! == 3)).ToList();
        var by = apply.Contains("REF_AREA))") ? ["REF_AREA"] : apply.Contains("TIME_START") ? ["TIME_START", "UNIT_MEASURE", "UNIT_MULT"] : apply.Contains("UNIT_MULT),") ? ["UNIT_MEASURE", "UNIT_MULT"] : (string[])[];
        var groups = rows.GroupBy(r => string.Join('|', by.Select(b => r[b]?.ToString()))).ToList();
        var answer = await JsonAsync(host.Service("tricky") + "Observations?$apply=" + apply + more);
        var got = answer["value"]!.AsArray().Select(g => g!.AsObject()).ToList();
        if (more.Contains("$filter"))
            groups = [.. groups.Where(g => g.Sum(r => (decimal?)r["OBS_VALUE"]) > 0)];
        got.Count.ShouldBe(groups.Count);
        foreach (var group in got)
        {
            var of = groups.Single(g => g.Key == string.Join('|', by.Select(b => group[b]?.ToString()))).ToList();
            var values = of.Select(r => (decimal?)r["OBS_VALUE"]).OfType<decimal>().ToList();
            // What a sum passes over stands beside it.
            group.ContainsKey("Sum@Pipeline.Missing").ShouldBe(group.ContainsKey("Sum") && values.Count < of.Count);
            foreach (var (name, value) in group.Where(m => !by.Contains(m.Key)))
            {
                ((decimal?)value).ShouldBe(name switch
                {
                    "Sum@Pipeline.Missing" or "Mean@Pipeline.Missing" => of.Count - values.Count,
                    "Sum" => values.Sum(),
                    "Min" => values.Min(),
                    "Max" => values.Max(),
                    "Mean" => decimal.Round(values.Average(), values.Max(v => v.Scale) + 2),
                    "N" => of.Count,
                    "Different" => values.Distinct().Count(),
                    _ => of.Select(r => (string)r["REF_AREA"]!).Distinct().Count(),
                }, name);
            }
        }
        if (more.Contains("desc"))
            got.Select(g => (decimal)(g["Sum"] ?? g["Max"])!).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task Properties_are_compared_with_each_other_and_reckoned_with_exactly()
    {
        var rows = await RowsAsync();
        static decimal? Value(JsonObject row) => (decimal?)row["OBS_VALUE"];
        static int Power(JsonObject row) => (int)row["UNIT_MULT"]!;
        static int Compare(JsonObject row, string a, string b) => string.CompareOrdinal((string?)row[a], (string?)row[b]);
        (string Filter, Func<JsonObject, bool> Holds)[] filters =
        [
            ("OBS_VALUE mul 1.1 eq -4.125", r => Value(r) * 1.1m == -4.125m),
            ("OBS_VALUE div 3 gt UNIT_MULT", r => Value(r) / 3 > Power(r)),
            ("(OBS_VALUE add 0.1) sub UNIT_MULT lt -OBS_VALUE", r => Value(r) + 0.1m - Power(r) < -Value(r)),
            ("OBS_VALUE mod UNIT_MULT ne 0", r => Value(r) % Power(r) != 0),
            ("not (OBS_VALUE gt UNIT_MULT)", r => !(Value(r) > Power(r))),
            ("(OBS_VALUE add 1) in (8,101) or FREQ eq '_Z' and OBS_VALUE sub 1 le 6", r => Value(r) + 1 is 8m or 101m || ((string)r["FREQ"]! == "_Z" && Value(r) - 1 <= 6)),
            ("round(OBS_VALUE) eq OBS_VALUE", r => Value(r) is not { } v || Math.Round(v, MidpointRounding.AwayFromZero) == v),
            ("REF_AREA lt UNIT_MEASURE", r => Compare(r, "REF_AREA", "UNIT_MEASURE") < 0),
            ("REF_AREA eq OBS_STATUS or TIME_START lt TIME_END", r => r["TIME_START"] is not null && Compare(r, "TIME_START", "TIME_END") < 0),
            ("startswith(concat(REF_AREA,UNIT_MEASURE),'a bT')", r => $"{r["REF_AREA"]}{r["UNIT_MEASURE"]}".StartsWith("a bT", StringComparison.Ordinal)),
            ("NOTE ne REF_AREA_Code/Label_zh", r => r["NOTE"] is not null || ODataHost.Areas.First(a => a.Id == (string)r["REF_AREA"]!).Zh is not null),
            // Whole numbers divide into whole ones.
            ("UNIT_MULT div 4 eq 2 and UNIT_MULT mod 4 eq 2", r => Power(r) == 10),
            ("OBS_VALUE ne 7 and 1 div (OBS_VALUE sub 7) gt 0", r => Value(r) > 7),
        ];
        foreach (var (filter, holds) in filters)
        {
            var expected = rows.Where(holds).Select(r => r.ToJsonString()).ToList();
            expected.Count.ShouldBeInRange(1, 48, filter);
            (await RowsAsync("?$filter=" + filter)).Select(r => r.ToJsonString()).ShouldBe(expected, filter);
            (await TextAsync(host.Service("tricky") + "Observations/$count?$filter=" + filter)).ShouldBe(expected.Count.ToString(CultureInfo.InvariantCulture), filter);
            (await RowsAsync($"?$filter={filter}&$orderby=OBS_VALUE desc&$top=3")).Select(r => (decimal?)r["OBS_VALUE"]).ShouldBe(rows.Where(holds).Select(Value).OrderByDescending(v => v).Take(3), filter);
        }
    }

    [Fact]
    public async Task Numbers_stay_exact_and_forms_are_those_asked_for()
    {
        var service = host.Service("wide");
        async Task<string> First(string address, string accept) => (await TextAsync(service + address, ("Accept", accept))).ReplaceLineEndings("");
        (await First("Observations?$select=OBS_VALUE", "application/json;odata.metadata=none")).ShouldBe("{\"value\":[{\"OBS_VALUE\":12345678901234567890.678},{\"OBS_VALUE\":0.0000001},{\"OBS_VALUE\":null}]}");
        (await First("Observations?$select=OBS_VALUE&$count=true", "application/json;metadata=none;IEEE754Compatible=true")).ShouldBe("{\"@odata.count\":\"3\",\"value\":[{\"OBS_VALUE\":\"12345678901234567890.678\"},{\"OBS_VALUE\":\"0.0000001\"},{\"OBS_VALUE\":null}]}");
        (await First("Observations?$select=OBS_VALUE&$filter=OBS_VALUE eq 12345678901234567890.678&$format=application/json;odata.metadata=none", "text/html")).ShouldBe("{\"value\":[{\"OBS_VALUE\":12345678901234567890.678}]}");
        (await First("Observations?$select=OBS_VALUE,DECIMALS&$filter=OBS_VALUE lt 1e-6", "*/*;odata.metadata=full")).ShouldContain("\"OBS_VALUE@odata.type\":\"#Decimal\",\"OBS_VALUE\":0.0000001,\"DECIMALS@odata.type\":\"#Int32\",\"DECIMALS\":7");
        // The parser makes a float of what has a point, which holds seven digits.
        foreach (var value in (string[])["111008.65", "167503.86", "7403.3613", "123456789.123456789"])
        {
            foreach (var condition in (string[])[$"OBS_VALUE eq {value}", $"OBS_VALUE ge {value} and OBS_VALUE le {value}", $"{value} eq OBS_VALUE", $"OBS_VALUE in ({value},1)", $"OBS_VALUE eq {value}M"])
                (await TextAsync($"{host.Service("cents")}Observations/$count?$filter={condition}")).ShouldBe("1", condition);
        }
        using var json = await SendAsync(HttpMethod.Get, service + "Observations", [("Accept", "application/json;IEEE754Compatible=true")]);
        json.Content.Headers.ContentType!.ToString().ShouldContain("IEEE754Compatible=true");
        (await SendAsync(HttpMethod.Get, service + "$metadata?$format=json")).Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await SendAsync(HttpMethod.Get, service + "$metadata", [("Accept", "application/json")])).Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await SendAsync(HttpMethod.Get, service + "$metadata", [("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")])).Content.Headers.ContentType!.MediaType.ShouldBe("application/xml");
    }

    [Fact]
    public async Task Names_without_a_dollar_sign_the_bare_address_search_and_codes_are_understood()
    {
        var service = host.Service("tricky");
        var expected = (await RowsAsync()).Count(r => (string)r["REF_AREA"]! == "北京");
        (await JsonAsync(service[..^1] + "?filter=REF_AREA eq '北京'&TOP=100&$Count=TRUE"))["@odata.count"]!.GetValue<int>().ShouldBe(expected);
        (await JsonAsync(service + "Observations?$filter=ref_area EQ '北京'&$count=true"))["@odata.count"]!.GetValue<int>().ShouldBe(expected);
        (await TextAsync(service + "Observations/$count?$search=北京市")).ShouldBe(expected.ToString(CultureInfo.InvariantCulture));
        (await TextAsync(service + "Observations/$count?$search=北京 AND NOT 见注 OR nothing")).ShouldNotBe("0");
        (await JsonAsync(service[..^1]))["value"]!.AsArray().Select(s => (string)s!["name"]!).ShouldBe(["Observations", "FREQ_Codes", "REF_AREA_Codes", "OBS_STATUS_Codes", "UNIT_MEASURE_Codes", "UNIT_MULT_Codes", "NOTE_Codes"]);
        var codes = (await JsonAsync(service + "REF_AREA_Codes?$filter=Label_zh ne null&$orderby=Label_zh desc&$select=Id,Label_zh&$top=2&$count=true"));
        codes["value"]!.ToJsonString().ShouldBe(new JsonArray([.. ODataHost.Areas.Where(a => a.Zh is not null).OrderByDescending(a => a.Zh, StringComparer.Ordinal).Take(2).Select(a => (JsonNode)new JsonObject { ["Id"] = a.Id, ["Label_zh"] = a.Zh })]).ToJsonString());
        codes["@odata.count"]!.GetValue<int>().ShouldBe(6);
        var datasets = await JsonAsync(host.Service("") + "_Datasets?$filter=Id in ('tricky','wide')&$select=Id,Observations,Url");
        datasets["value"]!.AsArray().Select(d => (string)d!["Url"]!).ShouldBe([service, host.Service("wide")]);
        datasets["value"]![0]!["Observations"]!.GetValue<int>().ShouldBe(49);
    }

    [Theory]
    [InlineData("nope", 404, "unknown-dataset", "dataset")]
    [InlineData("tricky/Observation", 404, "unknown-resource", "path")]
    [InlineData("tricky/Observations('x')", 400, "malformed-value", "path")]
    [InlineData("tricky/Observations(FREQ='A',REF_AREA='none',TIME_PERIOD='2022')", 404, "unknown-entity", "Observations")]
    [InlineData("tricky/REF_AREA_Codes('none')", 404, "unknown-entity", "REF_AREA_Codes")]
    [InlineData("tricky/Observations?$filter=REF_ARE eq 'x'", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=TIME_PERIOD eq '2022年'", 400, "malformed-period", "$filter")]
    [InlineData("tricky/Observations?$filter=FREQ eq 'A' and TIME_PERIOD ge '2022Q1'", 400, "malformed-period", "$filter")]
    [InlineData("tricky/Observations?$filter=REF_AREA eq 5", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=OBS_VALUE gt 1e400", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=OBS_VALUE lt 79228162514264337593543950335 add 1", 400, "malformed-value", null)]
    [InlineData("tricky/Observations?$filter=length(REF_AREA) div 0 eq 1", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=REF_AREA eq 'x", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=REF_AREA has 'x'", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=REF_AREA eq SOURCE", 501, "not-implemented", "$filter")]
    [InlineData("tricky/Observations?$filter=1 div OBS_VALUE gt 0 and FREQ eq 'none' or 1 div (OBS_VALUE sub 7) gt 0", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=OBS_VALUE mod 0 eq 1&$top=1", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=OBS_VALUE mul 9999999999999999 mul 9999999999999999 gt 1&$top=1", 400, "malformed-value", null)]
    [InlineData("tricky/Observations?$filter=REF_AREA add OBS_VALUE gt 1", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=REF_AREA gt OBS_VALUE", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=contains(SOURCE,'C')", 501, "not-implemented", "$filter")]
    [InlineData("tricky/Observations?$filter=matchesPattern(REF_AREA,'^6')", 501, "not-implemented", "$filter")]
    [InlineData("tricky/Observations?$orderby=matchesPattern(REF_AREA,'^6')", 501, "not-implemented", "$orderby")]
    [InlineData("tricky/Observations?$apply=filter(matchesPattern(REF_AREA,'^6'))", 501, "not-implemented", "$apply")]
    [InlineData("tricky/REF_AREA_Codes?$filter=matchesPattern(Id,'^6')", 501, "not-implemented", "$filter")]
    [InlineData("tricky/Observations?$filter=REF_AREA eq {\"a\":1}", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=REF_AREA eq [1]", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=not (REF_AREA ne ['x'])", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$filter=contains(REF_AREA,[1])", 400, "malformed-value", "$filter")]
    [InlineData("tricky/REF_AREA_Codes?$filter=Id eq {}", 400, "malformed-value", "$filter")]
    [InlineData("tricky/Observations?$orderby=1 div (OBS_VALUE sub 7)", 400, "malformed-value", "$orderby")]
    [InlineData("tricky/Observations?$orderby=1 div 0", 400, "malformed-value", "$orderby")]
    [InlineData("tricky/Observations?$orderby=length(REF_AREA) mod 0", 400, "malformed-value", "$orderby")]
    [InlineData("tricky/Observations?$orderby=OBS_VALUE mul 9999999999999999 mul 9999999999999999", 400, "malformed-value", null)]
    [InlineData("tricky/Observations?$orderby=[1]", 400, "malformed-value", "$orderby")]
    [InlineData("tricky/Observations?$orderby=OBS_VALUE add DECIMALS", 501, "not-implemented", "$orderby")]
    [InlineData("tricky/Observations?$apply=filter(1 div (OBS_VALUE sub 7) gt 0)/aggregate($count as N)", 400, "malformed-value", "$apply")]
    [InlineData("tricky/REF_AREA_Codes?$orderby=length(Id) div 0", 400, "malformed-value", "$orderby")]
    [InlineData("tricky/Observations?$orderby=SOURCE", 501, "not-implemented", "$orderby")]
    [InlineData("tricky/Observations?$orderby=REF_AREA down", 400, "malformed-value", "$orderby")]
    [InlineData("tricky/Observations?$select=NOPE", 400, "malformed-value", "$select")]
    [InlineData("tricky/Observations?$expand=REF_AREA_Code($filter=Id eq 'x')", 501, "not-implemented", "$expand")]
    [InlineData("tricky/Observations?$expand=REF_AREA_Code($expand=X)", 400, "malformed-value", "$expand")]
    [InlineData("tricky/Observations?$top=-1", 400, "malformed-value", "$top")]
    [InlineData("tricky/Observations?$top=99999999999999999999", 400, "malformed-value", "$top")]
    [InlineData("tricky/Observations?$skip=x", 400, "malformed-value", "$skip")]
    [InlineData("tricky/Observations?$count=maybe", 400, "malformed-value", "$count")]
    [InlineData("tricky/Observations?$skiptoken=1-1-00", 400, "invalid-cursor", "$skiptoken")]
    [InlineData("tricky/Observations?$top=1&top=2", 400, "malformed-value", "$top")]
    [InlineData("tricky/Observations?$compute=OBS_VALUE mul 2 as Twice", 501, "not-implemented", "$compute")]
    [InlineData("tricky/Observations?$fliter=x", 400, "unknown-parameter", "$fliter")]
    [InlineData("tricky/Observations?REF_AREA=x", 400, "unknown-parameter", "REF_AREA")]
    [InlineData("tricky/Observations?$format=atom", 406, "unknown-format", "$format")]
    [InlineData("tricky/Observations?version=9", 404, "unknown-version", "version")]
    [InlineData("tricky/Observations?asOf=2001-01-01", 404, "unknown-version", "asOf")]
    [InlineData("tricky/Observations?$apply=groupby((REF_AREA),aggregate(OBS_VALUE with sum as Sum))", 422, "units-differ", "$apply")]
    // Each group has one unit, and not the same.
    [InlineData("tricky/Observations?$apply=groupby((REF_AREA,TIME_PERIOD),aggregate(OBS_VALUE with max as Most))", 422, "units-differ", "$apply")]
    [InlineData("tricky/Observations?$apply=groupby((REF_AREA,TIME_PERIOD,UNIT_MULT),aggregate(OBS_VALUE with max as Most))", 422, "units-differ", "$apply")]
    [InlineData("wide/Observations?$apply=aggregate(OBS_VALUE with sum as Sum)", 422, "not-additive", "$apply")]
    [InlineData("tricky/Observations?$apply=filter(TIME_PERIOD eq '2022')/groupby((UNIT_MEASURE,UNIT_MULT),aggregate(OBS_VALUE with sum as Sum))", 422, "counts-twice", "$apply")]
    [InlineData("tricky/Observations?$apply=filter(REF_AREA eq '650000')/groupby((UNIT_MEASURE,UNIT_MULT),aggregate(OBS_VALUE with average as Mean))", 422, "counts-twice", "$apply")]
    [InlineData("tricky/Observations?$apply=compute(OBS_VALUE mul 2 as Twice)", 501, "not-implemented", "$apply")]
    [InlineData("tricky/Observations?$apply=groupby((OBS_VALUE))", 501, "not-implemented", "$apply")]
    [InlineData("tricky/Observations/$count?$top=5", 400, "option-not-applicable", "$top")]
    [InlineData("tricky/$metadata?$filter=true", 400, "option-not-applicable", "$filter")]
    [InlineData("tricky/Observations/$each", 501, "not-implemented", null)]
    [InlineData("tricky/Observations?$filter=REF_AREA eq @a&@a='x'", 501, "not-implemented", "$filter")]
    [InlineData("$all", 404, "unknown-resource", "path")]
    public async Task Errors_are_ODatas_error_object_and_name_their_target(string address, int status, string code, string? target)
    {
        using var answer = await SendAsync(HttpMethod.Get, host.Service("")[..^1] + address);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        ((int)answer.StatusCode).ShouldBe(status, text);
        answer.Headers.GetValues("OData-Version").ShouldBe(["4.01"]);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var error = JsonNode.Parse(text)!["error"]!;
        ((string)error["code"]!, (string?)error["target"]).ShouldBe((code, target));
        ((string)error["message"]!).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_expression_that_goes_too_far_or_has_no_sense_is_told_in_words()
    {
        async Task<JsonNode> ErrorAsync(string filter)
        {
            using var answer = await SendAsync(HttpMethod.Get, $"{host.Service("tricky")}Observations?$filter={Uri.EscapeDataString(filter)}");
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["error"]!;
        }
        foreach (var filter in (string[])[string.Join(" or ", Enumerable.Repeat("REF_AREA eq 'x'", ODataRequest.MostSteps)), new string('(', 200) + "true" + new string(')', 200)])
        {
            var error = await ErrorAsync(filter);
            ((string)error["code"]!, (string)error["target"]!).ShouldBe(("too-many-conditions", "$filter"));
            ((string)error["message"]!).ShouldContain("800");
            ((string)error["message"]!).ShouldContain("REF_AREA in (");
        }
        using var most = await SendAsync(HttpMethod.Get, $"{host.Service("tricky")}Observations?$filter={Uri.EscapeDataString(string.Join(" or ", Enumerable.Repeat("REF_AREA eq 'x'", ODataRequest.MostSteps - 1)))}");
        most.StatusCode.ShouldBe(HttpStatusCode.OK);
        ((string)(await ErrorAsync("REF_AREA has 'F'"))["message"]!).ShouldNotContain("internal", Case.Insensitive);
    }

    [Fact]
    public async Task Nothing_that_is_sent_makes_the_service_fail_or_work_without_end()
    {
        string[] expressions =
        [
            new('(', 3000), new string('(', 1000) + "true" + new string(')', 1000), string.Concat(Enumerable.Repeat("not ", 1500)) + "true", string.Join(" or ", Enumerable.Repeat("REF_AREA eq 'x'", 300)),
            "REF_AREA in (" + string.Join(',', Enumerable.Range(0, 1000).Select(n => $"'{n}'")) + ")", "'", "\0", "\ud800", "%", "$it", "null", "1 eq 1", "true and false", "REF_AREA", "1 add", ")", "(()", "contains()", "contains(REF_AREA)", "OBS_VALUE eq NaN",
            "OBS_VALUE eq -INF", "TIME_START eq 2023-13-45", "TIME_START gt duration'P1D'", "cast(REF_AREA,Edm.Int32) eq 1", "isof(Pipeline.X)", "REF_AREA_Code/Nope eq 1", "REF_AREA_Code/any(x:true)", "geo.distance(a,b) lt 1", "now() gt TIME_START", "substring(REF_AREA,-5) eq 'x'",
            "substring(REF_AREA,99999999999) eq 'x'", "year(TIME_START) mod 0 eq 1", "OBS_VALUE in ()", "OBS_VALUE in ('a')", "@p eq 1", "REF_AREA eq @p", "$root/x", "REF_AREA_Code ne null", "TIME_START ge 2023-01-01T00:00:00Z",
        ];
        foreach (var expression in expressions)
        {
            foreach (var option in (string[])["$filter", "$orderby", "$select", "$expand", "$search", "$apply", "$top", "$skip", "$count", "$format", "$skiptoken", "version", "asOf", "@p"])
            {
                using var answer = await SendAsync(HttpMethod.Get, $"{host.Service("tricky")}Observations?{option}={Uri.EscapeDataString(expression.Replace("\ud800", "�"))}");
                var text = await answer.Content.ReadAsStringAsync(Cancel);
                ((int)answer.StatusCode is 200 or (>= 400 and < 500) or 501).ShouldBeTrue($"{(int)answer.StatusCode} {option}={expression}: {text}");
                JsonNode.Parse(text)![answer.IsSuccessStatusCode ? "value" : "error"].ShouldNotBeNull();
            }
            using var key = await SendAsync(HttpMethod.Get, $"{host.Service("tricky")}Observations({Uri.EscapeDataString(expression.Length > 500 ? expression[..500] : expression.Replace("\ud800", "�"))})");
            ((int)key.StatusCode is (>= 400 and < 500) or 501).ShouldBeTrue($"{(int)key.StatusCode} key {expression}");
        }
    }

    [Fact]
    public async Task Conditions_methods_and_versions_hold()
    {
        var service = host.Service("tricky");
        foreach (var address in (string[])[host.Service("")[..^1], service, service + "$metadata", service + "Observations", service + "Observations/$count", service + "REF_AREA_Codes"])
        {
            using var answer = await SendAsync(HttpMethod.Get, address);
            answer.Headers.GetValues("OData-Version").ShouldBe(["4.01"]);
            answer.Headers.Vary.ShouldContain("OData-MaxVersion");
            using var unchanged = await SendAsync(HttpMethod.Get, address, [("If-None-Match", answer.Headers.ETag!.Tag)]);
            unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified, address);
            using var older = await SendAsync(HttpMethod.Get, address, [("OData-MaxVersion", "4.0")]);
            older.Headers.GetValues("OData-Version").ShouldBe(["4.0"]);
            older.Headers.ETag!.Tag.ShouldNotBe(answer.Headers.ETag.Tag);
            using var head = await SendAsync(HttpMethod.Head, address);
            (head.StatusCode, head.Headers.ETag!.Tag).ShouldBe((HttpStatusCode.OK, answer.Headers.ETag.Tag));
            (await head.Content.ReadAsByteArrayAsync(Cancel)).ShouldBeEmpty();
            using var options = await SendAsync(HttpMethod.Options, address);
            options.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }
        (await SendAsync(HttpMethod.Get, service + "Observations?version=1")).Headers.CacheControl!.ToString().ShouldContain("immutable");
        // More may yet be published before a moment.
        (await SendAsync(HttpMethod.Get, service + "Observations?asOf=2100-01-01")).Headers.CacheControl!.ToString().ShouldNotContain("immutable");
        using var old = await SendAsync(HttpMethod.Get, service, [("OData-MaxVersion", "3.0")]);
        old.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var preferred = await SendAsync(HttpMethod.Get, service + "Observations", [("Prefer", "return=minimal, odata.maxpagesize=2")]);
        preferred.Headers.GetValues("Preference-Applied").ShouldBe(["odata.maxpagesize=2"]);
        foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete])
        {
            using var refused = await SendAsync(method, service + "Observations");
            (refused.StatusCode, refused.Content.Headers.Allow.Contains("GET")).ShouldBe((HttpStatusCode.MethodNotAllowed, true));
            ((string)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancel))!["error"]!["code"]!).ShouldBe("method-not-allowed");
        }
        (await SendAsync(HttpMethod.Get, service + "$batch")).Content.Headers.Allow.ShouldBe(["POST", "OPTIONS"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_batch_that_the_library_writes_is_answered_as_its_requests_are_one_by_one()
    {
        var (service, model) = (host.Service("tricky"), default(IEdmModel));
        using (var xml = XmlReader.Create(new MemoryStream(await BytesAsync(service + "$metadata"))))
            model = CsdlReader.Parse(xml);
        string[] paths = ["Observations?$filter=REF_AREA eq 'O''Brien'&$count=true", "REF_AREA_Codes('x%2Fy')", "Observations/$count?$filter=OBS_VALUE gt 0", "Observations?$top=2&$orderby=OBS_VALUE desc,REF_AREA,TIME_PERIOD"];
        var written = new MemoryStream();
        using (var writer = new ODataMessageWriter((IODataRequestMessage)new Answer(0, new() { ["Content-Type"] = "application/json" }, written), new ODataMessageWriterSettings { Version = ODataVersion.V401, BaseUri = new Uri(service), EnableMessageStreamDisposal = false }, model))
        {
            var batch = writer.CreateODataBatchWriter();
            batch.WriteStartBatch();
            foreach (var (place, path) in paths.Index())
                batch.CreateOperationRequestMessage("GET", new Uri(service + path), $"n{place}");
            batch.WriteEndBatch();
        }
        using var answer = await BatchAsync(service, Encoding.UTF8.GetString(written.ToArray()));
        var found = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["responses"]!.AsArray();
        found.Select(f => ((string)f!["id"]!, (int)f["status"]!)).ShouldBe(paths.Select((_, place) => ($"n{place}", 200)));
        foreach (var (path, one) in paths.Zip(found))
        {
            using var alone = await SendAsync(HttpMethod.Get, service + path);
            ((string)one!["headers"]!["etag"]!).ShouldBe(alone.Headers.ETag!.ToString());
            var (type, bytes) = (alone.Content.Headers.ContentType!.MediaType!, await alone.Content.ReadAsByteArrayAsync(Cancel));
            if (type == "application/json")
                one["body"]!.ToJsonString().ShouldBe(JsonNode.Parse(bytes)!.ToJsonString());
            else
                ((string)one["body"]!).ShouldBe(Encoding.UTF8.GetString(bytes));
        }
        using var again = await BatchAsync(service, Encoding.UTF8.GetString(written.ToArray()));
        using var reader = new ODataMessageReader((IODataResponseMessage)new Answer(200, new() { ["Content-Type"] = "application/json" }, await again.Content.ReadAsByteArrayAsync(Cancel)), new ODataMessageReaderSettings { Version = ODataVersion.V401, BaseUri = new Uri(service) }, model);
        var (operations, read) = (reader.CreateODataBatchReader(), new List<int>());
        while (operations.Read())
            if (operations.State == ODataBatchReaderState.Operation)
                read.Add(operations.CreateOperationResponseMessage().StatusCode);
        read.ShouldBe([200, 200, 200, 200]);
    }

    [Fact]
    public async Task A_batch_ends_at_an_error_unless_it_is_to_go_on_and_reads_only_what_is_here()
    {
        var service = host.Service("tricky");
        const string body = """{"requests":[{"id":"a","method":"get","url":"Observations?$top=1&$select=OBS_VALUE","headers":{"Accept":"application/json;odata.metadata=none"}},{"id":"b","method":"GET","url":"/odata/tricky/Observations?$filter=x eq 1"},{"id":"c","method":"DELETE","url":"Observations"},{"id":"d","method":"POST","url":"$batch"},{"id":"e","method":"GET","url":"../cents/Observations/$count"}]}""";
        async Task<List<JsonNode>> Answers(params (string, string)[] headers) => [.. JsonNode.Parse(await (await BatchAsync(service, body, headers)).Content.ReadAsStringAsync(Cancel))!["responses"]!.AsArray().Select(r => r!)];
        var short2 = await Answers();
        short2.Select(r => (int)r["status"]!).ShouldBe([200, 400]);
        short2[0]["body"]!.ToJsonString().ShouldBe("""{"value":[{"OBS_VALUE":4300}]}""");
        ((string)short2[1]["body"]!["error"]!["code"]!).ShouldBe("malformed-value");
        var all = await Answers(("Prefer", "respond-async, odata.continue-on-error"));
        all.Select(r => (int)r["status"]!).ShouldBe([200, 400, 405, 405, 200]);
        ((string)all[4]["body"]!).ShouldBe("4");
        using var model = await BatchAsync(service, """{"requests":[{"id":"m","method":"GET","url":"$metadata"}]}""");
        var packed = (string)JsonNode.Parse(await model.Content.ReadAsStringAsync(Cancel))!["responses"]![0]!["body"]!;
        Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(packed).ShouldBe(await BytesAsync(service + "$metadata"));
        // A page of more than a client would hold comes as it does by itself.
        using var large = await BatchAsync(host.Service("many"), """{"requests":[{"id":"1","method":"GET","url":"Observations?$top=25000"},{"id":"2","method":"GET","url":"Observations?$top=25000"}]}""");
        JsonNode.Parse(await large.Content.ReadAsStringAsync(Cancel))!["responses"]!.AsArray().Select(r => r!["body"]!["value"]!.AsArray().Count).ShouldBe([25_000, 25_000]);
    }

    [Theory]
    [InlineData("", 400, "malformed-json")]
    [InlineData("[]", 400, "malformed-json")]
    [InlineData("{}", 400, "malformed-value", "requests")]
    [InlineData("""{"requests":[]}""", 400, "malformed-value", "requests")]
    [InlineData("""{"requests":[7]}""", 400, "malformed-value", "requests[0]")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"Observations"},{"id":"1","method":"GET","url":"Observations"}]}""", 400, "malformed-value", "requests[1].id")]
    [InlineData("""{"requests":[{"id":"1","method":"GET"}]}""", 400, "missing-parameter", "requests[0].url")]
    [InlineData("""{"requests":[{"id":1,"method":"GET","url":"Observations"}]}""", 400, "malformed-value", "requests[0].id")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"/v1/datasets"}]}""", 400, "malformed-value", "requests[0].url")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"../../v1/datasets"}]}""", 400, "malformed-value", "requests[0].url")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"https://elsewhere.example/odata/tricky"}]}""", 400, "malformed-value", "requests[0].url")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"Observations","headers":{"Accept":1}}]}""", 400, "malformed-value", "requests[0].headers")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"Observations","header":{}}]}""", 400, "unknown-parameter", "requests[0].header")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"Observations","atomicityGroup":"g"}]}""", 501, "not-implemented", "requests[0].atomicityGroup")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"Observations"}],"more":1}""", 400, "unknown-parameter", "more")]
    public async Task A_batch_that_can_not_be_answered_says_where_it_is_wrong(string body, int status, string code, string? target = "body")
    {
        using var answer = await BatchAsync(host.Service("tricky"), body);
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["error"]!;
        ((int)answer.StatusCode, (string?)error["code"], (string?)error["target"]).ShouldBe((status, code, target));
    }

    [Fact]
    public async Task A_batch_has_limits()
    {
        var service = host.Service("tricky");
        string Of(int count) => $$"""{"requests":[{{string.Join(',', Enumerable.Range(0, count).Select(n => $$"""{"id":"{{n}}","method":"HEAD","url":"$metadata"}"""))}}]}""";
        (await BatchAsync(service, Of(100))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await BatchAsync(service, Of(101))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await BatchAsync(service, new string(' ', 1_100_000))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var multipart = new StringContent("--b\r\n");
        multipart.Headers.ContentType = new("multipart/mixed");
        (await host.Served.Client.PostAsync(service + "$batch", multipart, Cancel)).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        var limits = (await JsonAsync(host.Served.Host.Host.Address + "v1/limits"))["limits"]!.AsArray();
        ((int)limits.Single(l => (string)l!["name"]! == "odata.batch")!["value"]!).ShouldBe(100);
    }

    private async Task<HttpResponseMessage> BatchAsync(string service, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, service + "$batch") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await host.Served.Client.SendAsync(request, Cancel);
    }

    [Theory]
    [InlineData("REF_AREA", "REF_AREA")]
    [InlineData("1-A.b", "_1_A_b")]
    [InlineData("地区", "地区")]
    [InlineData("", "_")]
    [InlineData("😀", "_")]
    [InlineData("time_start", "time_start_2")]
    public void Ids_become_identifiers(string id, string name) => ODataModel.Identifier(id, new(StringComparer.OrdinalIgnoreCase) { "TIME_START" }).ShouldBe(name);

    private async Task<List<JsonObject>> RowsAsync(string query = "", params (string, string)[] headers) =>
        [.. (await JsonAsync(host.Service("tricky") + "Observations" + query, headers))["value"]!.AsArray().Select(r => r!.AsObject())];

    private async Task<JsonObject> JsonAsync(string address, params (string, string)[] headers) => JsonNode.Parse(await TextAsync(address, headers))!.AsObject();

    private async Task<string> TextAsync(string address, params (string, string)[] headers) => Encoding.UTF8.GetString(await BytesAsync(address, headers));

    private async Task<byte[]> BytesAsync(string address, params (string, string)[] headers)
    {
        using var answer = await SendAsync(HttpMethod.Get, address, headers);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, address + " " + Encoding.UTF8.GetString(bytes));
        return bytes;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string address, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await host.Served.Client.SendAsync(request, Cancel);
    }

    private async Task<Answer> AnswerAsync(string address, params (string, string)[] headers)
    {
        using var response = await SendAsync(HttpMethod.Get, address, headers);
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, all, await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    private sealed class Answer(int status, Dictionary<string, string> headers, Stream body) : IODataResponseMessage, IODataRequestMessage
    {
        public Answer(int status, Dictionary<string, string> headers, byte[] body)
            : this(status, headers, new MemoryStream(body))
        {
        }

        public Uri Url { get; set; } = new("http://service/");

        public string Method { get; set; } = "POST";

        public IEnumerable<KeyValuePair<string, string>> Headers => headers;

        public int StatusCode { get => status; set => throw new NotSupportedException(); }

        public string GetHeader(string headerName) => headers.GetValueOrDefault(headerName)!;

        public Stream GetStream() => body;

        public void SetHeader(string headerName, string headerValue) => headers[headerName] = headerValue;
    }
}
