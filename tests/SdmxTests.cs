using System.Globalization;
using System.Text;
using CsCheck;
using Pipeline.Reading;
using Pipeline.Understanding;
using Shouldly;

namespace Pipeline.Tests;

/// <summary>SDMX messages, through the reader and the interpreter.</summary>
public sealed class SdmxTests
{
    private const string V21 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/";
    private const string V30 = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/";

    private const string Structure = $"""
        <m:Structure xmlns:m="{V21}message" xmlns:s="{V21}structure" xmlns:c="{V21}common"><m:Structures>
          <s:Codelists>
            <s:Codelist id="CL_AREA" agencyID="OWN" version="1.0">
              <s:Code id="W"><c:Name xml:lang="en">World</c:Name><c:Name xml:lang="fr">Monde</c:Name></s:Code>
              <s:Code id="A1"><c:Name xml:lang="en">Area one</c:Name><s:Parent><Ref id="MID"/></s:Parent></s:Code>
              <s:Code id="MID"><c:Name xml:lang="en">Middle</c:Name><s:Parent><Ref id="W"/></s:Parent></s:Code>
            </s:Codelist>
          </s:Codelists>
          <s:Concepts><s:ConceptScheme id="CS" agencyID="OWN" version="1.0"><s:Concept id="AREA"><c:Name xml:lang="en">The area</c:Name></s:Concept></s:ConceptScheme></s:Concepts>
          <s:DataStructures><s:DataStructure id="DATA" agencyID="OWN" version="1.0"><c:Name xml:lang="en">Own data</c:Name><s:DataStructureComponents>
            <s:DimensionList>
              <s:Dimension id="AREA" position="1"><s:ConceptIdentity><Ref id="AREA" maintainableParentID="CS" agencyID="OWN"/></s:ConceptIdentity>
                <s:LocalRepresentation><s:Enumeration><Ref id="CL_AREA" agencyID="OWN" version="1.0"/></s:Enumeration></s:LocalRepresentation></s:Dimension>
              <s:Dimension id="COLLECTION" position="2"/>
              <s:TimeDimension id="TIME_PERIOD"/>
            </s:DimensionList>
            <s:AttributeList><s:Attribute id="REMARK"/></s:AttributeList>
            <s:MeasureList><s:PrimaryMeasure id="OBS_VALUE"/></s:MeasureList>
          </s:DataStructureComponents></s:DataStructure></s:DataStructures>
        </m:Structures></m:Structure>
        """;

    [Fact]
    public void WhateverTheXmlTheObservationsComeBack() => Gen.Select(SdmxData.Any, Gen.Int[0, 7], Gen.Int[0, 3].Select(n => new[] { "\n", "\r\n", "\r", "" }[n])).Sample(
        (data, style, newline) => Same(data, style < 4 ? data.Generic(style, newline) : data.Specific(style - 4, newline), "sdmx-ml"), iter: 400);

    [Fact]
    public void WhateverTheJsonTheObservationsComeBack() => Gen.Select(SdmxData.Any, Gen.Bool, Gen.Int[1, 2], Gen.Bool).Sample(
        (data, isFlat, version, structureFirst) => Same(data, data.Json(isFlat, version, structureFirst), "sdmx-json", version == 2), iter: 400);

    [Fact]
    public void WhateverTheCsvTheObservationsComeBack() => Gen.Select(SdmxData.Any, Gen.Int[0, 4]).Sample((data, style) => Same(data, data.Csv(style), "sdmx-csv"), iter: 300);

    [Fact]
    public void EveryEncodingGivesTheSameCodePoints() => Gen.Select(SdmxData.Any, Gen.Bool).Sample(
        (data, isXml) =>
        {
            // the declaration goes: it would name another encoding
            var text = isXml ? data.Specific(0, "\n").Replace("<?xml version=\"1.0\"?>", "") : data.Json(false, 2, true);
            foreach (var encoding in new Encoding[] { new UTF8Encoding(true), new UnicodeEncoding(false, true) })
                Same(data, text, isXml ? "sdmx-ml" : "sdmx-json", true, [.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
        },
        iter: 30);

    [Fact]
    public void WhateverIsBrokenItIsTold() => Gen.Select(SdmxData.Any, Gen.Int[0, 16], Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1 << 20], Gen.Int[0, 60]).List[1, 6]).Sample(
        (data, style, edits) =>
        {
            var text = style < 4 ? data.Generic(style, "\n") : style < 8 ? data.Specific(style - 4, "\n") : style < 12 ? data.Json(style % 2 == 0, 1 + (style / 10), style % 3 == 0) : data.Csv(style - 12);
            string[] pieces = ["</g:Series>", "<Obs ", "\"", "null", "[", "}", "-1", "99", ":", "\u0001", "\ud83d", "Group", ",", "\n", "TIME_PERIOD", "9999-12-31/P1Y", "{\"en\":\"x\"}"];
            foreach (var (kind, at, size) in edits)
            {
                var from = at % (text.Length + 1);
                var length = Math.Min(size, text.Length - from);
                text = kind switch
                {
                    0 => text.Remove(from, length),
                    1 => text.Insert(from, text.Substring(from, length)),
                    2 => text.Insert(from, pieces[size % pieces.Length]),
                    3 => text[..from] + pieces[size % pieces.Length] + text[(from + Math.Min(length, 3))..],
                    _ => text[..Math.Max(from, text.Length / 2)],
                };
            }
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            using var release = Pipeline.Checking.ReleaseCheck.Run(stream, "message.dat", new ReleaseContext("test"), null, TestContext.Current.CancellationToken);
            (release.IsPublishable || release.Findings.HasErrors).ShouldBeTrue(text);
            release.Reconciliation.IsBalanced.ShouldBeTrue(text);
        },
        iter: 1000);

    [Fact]
    public void HalfACharacterInJsonIsToldWhereverItStands() => Gen.Select(SdmxData.Any, Gen.Bool, Gen.Int[1, 2], Gen.Bool).Sample(
        (data, isFlat, version, structureFirst) =>
        {
            var text = data.Json(isFlat, version, structureFirst);
            for (var at = text.IndexOf('"'); at >= 0; at = text.IndexOf('"', at + 1))
            {
                using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text.Insert(at + 1, "\\ud800")));
                using var release = Pipeline.Checking.ReleaseCheck.Run(stream, "message.json", new ReleaseContext("test"), null, TestContext.Current.CancellationToken);
                (release.IsPublishable || release.Findings.HasErrors).ShouldBeTrue(text.Insert(at + 1, "\\ud800"));
            }
        },
        iter: 4);

    private static void Same(SdmxData data, string text, string format, bool hasNotes = true, byte[]? bytes = null)
    {
        using var release = ReadingFixtures.Read(bytes ?? Encoding.UTF8.GetBytes(text), "message.dat");
        release.Format.ShouldBe(format);
        using var result = Grid.Interpret(release);
        var told = text + "\n" + string.Join("\n", result.Findings.Kept);
        result.Findings.HasErrors.ShouldBeFalse(told);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        result.Reconciliation.Observations.ShouldBe(data.Rows.Count, told);
        var cube = result.Cubes.ShouldHaveSingleItem();
        string.Join(" ", cube.Components.Take(cube.TimeIndex).Select(c => c.Id).Order()).ShouldBe("AREA FREQ ITEM", told);
        var seen = Seen.All(result).ToDictionary(o => (o["AREA"] + "." + o["ITEM"], o["TIME_PERIOD"]));
        var points = text.EnumerateRunes().ToArray();
        foreach (var row in data.Rows)
        {
            var o = seen[(row.Series, row.Period)];
            var value = row.Value is null or "NaN" ? (decimal?)null : decimal.Parse(row.Value, CultureInfo.InvariantCulture);
            o.Value.ShouldBe(value, told);
            (o.Value?.Scale).ShouldBe(value?.Scale, told);
            o["OBS_STATUS"].ShouldBe(row.Status ?? (value is null ? "O" : "A"), told);
            (o["FREQ"], o["UNIT_MULT"], o["UNIT_MEASURE"], o["TITLE"]).ShouldBe(("M", "3", "_X", SdmxData.TitleOf(row)), told);
            if (hasNotes)
                o["NOTE_AREA"].ShouldBe(SdmxData.NoteOf(row.Area), told);
            if (format == "sdmx-csv")
                continue;
            var range = o.Source["chars ".Length..].Split('-').Select(int.Parse).ToArray();
            var place = string.Concat(points[range[0]..range[1]].Select(r => r.ToString()));
            if (row.Value is not null)
                place.ShouldBe(row.Value, told);
            else if (format == "sdmx-json")
                place.ShouldBe("null", told);
            else
                (place.StartsWith('<') && place.EndsWith('>') && place.Contains("Obs", StringComparison.Ordinal)).ShouldBeTrue(place + "\n" + told);
        }
    }

    private static (Interpretation Result, List<Seen> Seen) Of(string text, params string[] beside)
    {
        var release = ReadingFixtures.Read(text, "message.dat");
        var result = SdmxInterpreter.Interpret(release, new ReleaseContext("test"), beside.Select(b => ReadingFixtures.Read(b, "structure.dat").Sdmx!), null, TestContext.Current.CancellationToken);
        return (result, Seen.All(result));
    }

    private static string Data(string observations, string attributes = "") =>
        $"""<m:StructureSpecificData xmlns:m="{V21}message" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><m:Header><m:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"><Structure><URN>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=OWN:DATA(1.0)</URN></Structure></m:Structure></m:Header>"""
        + $"<m:DataSet structureRef=\"S\"{attributes}>\n{observations}\n</m:DataSet></m:StructureSpecificData>";

    [Fact]
    public void TheStructureBesideGivesRolesLabelsAndParents()
    {
        var data = Data("<Series REMARK='r' AREA='A1' COLLECTION='x'><Obs TIME_PERIOD='2020' OBS_VALUE='1.50'/></Series><Series AREA='W' COLLECTION='x'><Obs TIME_PERIOD='2020' OBS_VALUE='2'/></Series>");
        var (result, seen) = Of(data, Structure);
        result.Findings.Kept.ShouldBeEmpty();
        var cube = result.Cubes.Single();
        cube.Components.Take(cube.TimeIndex).Select(c => c.Id).ShouldBe(["FREQ", "AREA", "COLLECTION"]);
        cube.Components[1].Labels["en"].ShouldBe("The area");
        cube.Title["en"].ShouldBe("Own data");
        seen[0].Label("AREA", "en").ShouldBe("Area one");
        seen[0].Codes["AREA"].Parent.ShouldBe("W");
        seen[1].Label("AREA", "fr").ShouldBe("Monde");
        seen[0]["REMARK"].ShouldBe("r");
        // the data name a dataflow that is not there; there is but one structure, and it fits
        Of(data.Replace("DataStructure=OWN:DATA", "Dataflow=OWN:FLOW"), Structure).Seen[0].Label("AREA", "en").ShouldBe("Area one");
    }

    [Fact]
    public void WithoutItsStructureTheMessageStillReads()
    {
        var (result, seen) = Of(Data("<Series FREQ='A' GEO='BE' unit='PC' TITLE='t' EXTRA='e'><Obs TIME_PERIOD='2020' OBS_VALUE='1'/><Obs TIME_PERIOD='2021'/></Series>"));
        result.Findings.Kept.Single().Code.ShouldBe("structure-missing");
        var cube = result.Cubes.Single();
        cube.Components.Take(cube.TimeIndex).Select(c => c.Id).ShouldBe(["FREQ", "GEO", "unit"]);
        seen.Select(o => (o["UNIT_MEASURE"], o["OBS_STATUS"], o["EXTRA"])).ShouldBe([("PC", "A", "e"), ("PC", "O", "e")]);
    }

    [Theory]
    [InlineData("<Series AREA='A1'><Obs TIME_PERIOD='2020' OBS_VALUE='1'/></Series>", "dimension-missing", "line 2")]
    [InlineData("<Series AREA='A9' COLLECTION='x'>\n<Obs TIME_PERIOD='2020' OBS_VALUE='1'/></Series>", "code-unknown", "line 3")]
    [InlineData("<Series AREA='A1' COLLECTION='x'>\n\n<Obs TIME_PERIOD='2020' OBS_VALUE='1,5'/></Series>", "number-unreadable", "line 4")]
    [InlineData("<Series AREA='A1' COLLECTION='x'><Obs TIME_PERIOD='2020-13' OBS_VALUE='1'/></Series>", "period-impossible", "line 2")]
    [InlineData("<Series AREA='A1' COLLECTION='x'><Obs OBS_VALUE='1'/></Series>", "dimension-missing", "line 2")]
    public void WhatIsWrongIsToldWithItsLine(string observations, string code, string where)
    {
        var (result, seen) = Of(Data(observations), Structure);
        var finding = result.Findings.Kept.Single(f => f.Severity == Severity.Error);
        (finding.Code, finding.Where).ShouldBe((code, where));
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        seen.Count.ShouldBe(code == "code-unknown" ? 1 : 0);
    }

    [Theory]
    [InlineData("<m:GenericData xmlns:m='http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message'>\n<m:DataSet>\n<Obs></m:DataSet>", "xml-invalid", "line 3")]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]><m:GenericData xmlns:m='http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message'/>", "format-not-supported", null)]
    [InlineData("<m:QueryMessage xmlns:m='http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message'/>", "format-not-supported", "line 1")]
    [InlineData("{\"data\": {\n\"dataSets\": [}", "json-invalid", "line 2")]
    [InlineData("{\"data\": {\"dataSets\": [{\"series\": {}}]}}", "structure-missing", "line 1")]
    [InlineData("{\"data\": {\"codelists\": [{\"id\": \"urn:sdmx:org.sdmx.x\"}]}, \"links\": \"urn:sdmx:org.sdmx.\"}", "structure-without-data", null)]
    public void WhatIsNoMessageIsRefused(string text, string code, string? where)
    {
        var finding = ReadingFixtures.Refusal(Encoding.UTF8.GetBytes(text), "message.dat");
        (finding.Code, finding.Where).ShouldBe((code, where));
    }

    [Fact]
    public void AStructureAloneIsNoData()
    {
        var (result, _) = Of(Structure);
        var finding = result.Findings.Kept.ShouldHaveSingleItem();
        (finding.Severity, finding.Code).ShouldBe((Severity.Error, "structure-without-data"));
        finding.Found.ShouldBe("1 data structures, 0 dataflows, 1 codelists, 1 concepts");
    }

    [Fact]
    public void AnIndexThatRefersToNothingIsToldWithItsPath()
    {
        var (result, _) = Of("""{"data": {"dataSets": [{"series": {"0": {"observations": {"7": [1]}}}}], "structure": {"dimensions": {"series": [{"id": "A", "values": [{"id": "x"}]}], "observation": [{"id": "TIME_PERIOD", "values": [{"id": "2020"}]}]}}}}""");
        var finding = result.Findings.Kept.Single();
        (finding.Code, finding.Where, finding.Found).ShouldBe(("index-invalid", "$.data.dataSets[0].series[\"0\"].observations[\"7\"]", "7"));
    }

    [Fact]
    public void ADeletionIsNotSupported()
    {
        var (result, seen) = Of(Data("<Obs AREA='A1' COLLECTION='x' TIME_PERIOD='2020' OBS_VALUE='1'/>", " action='Delete'"), Structure);
        result.Findings.Kept.Single().Code.ShouldBe("action-not-supported");
        seen.ShouldBeEmpty();
        var (csv, rows) = Of("STRUCTURE,STRUCTURE_ID,ACTION,AREA,TIME_PERIOD,OBS_VALUE\ndataflow,OWN:D(1.0),M,x,2020,1\ndataflow,OWN:D(1.0),D,x,2021,\n");
        csv.Findings.Kept.Single().Code.ShouldBe("action-not-supported");
        rows.Single()["TIME_PERIOD"].ShouldBe("2020");
    }

    [Fact]
    public void SeveralMeasuresBecomeADimension()
    {
        var (result, seen) = Of("STRUCTURE;STRUCTURE_ID;AREA;MEAS_1;MEAS_2\ndataflow;OWN:D;x;1,5;text\ndataflow;OWN:D;y;2,25;\n");
        seen.Select(o => (o["AREA"], o["MEASURE"], o.Value)).ShouldBe([("x", "MEAS_1", 1.5m), ("y", "MEAS_1", 2.25m)]);
        result.Findings.Kept.Single().Code.ShouldBe("measure-not-numeric");
        result.Reconciliation.SetAside["measure-not-numeric"].Where.ShouldBe(["E2"]);
        (seen[0]["TIME_PERIOD"], seen[0]["FREQ"], seen[0].Source).ShouldBe(("", "_Z", "D2"));
    }

    [Fact]
    public void EveryStructureIsADatasetOfItsOwn()
    {
        var (result, _) = Of("STRUCTURE,STRUCTURE_ID,ACTION,A,B,TIME_PERIOD,OBS_VALUE\ndataflow,OWN:ONE(1.0),I,x,,2020,1\ndataflow,OWN:TWO(1.0),I,,y,2020,2\ndataflow,OWN:ONE(1.0),I,z,,2020,3\n");
        result.Findings.Kept.ShouldBeEmpty();
        result.Cubes.Select(c => (c.Suffix, string.Join(",", c.Components.Take(c.TimeIndex).Select(d => d.Id)), c.Observations.Count)).ShouldBe([("ONE", "FREQ,A", 2L), ("TWO", "FREQ,B", 1L)]);
    }

    [Fact]
    public void RowsOfPartialKeysGiveTheirAttributesToTheObservations()
    {
        var (result, seen) = Of("STRUCTURE[;],STRUCTURE_ID,ACTION,A,B,TIME_PERIOD,OBS_VALUE,NOTE[en;fr],TAGS[]\nd,OWN:D,I,x,p,2020,1,,\nd,OWN:D,I,~,p,,,en:why;fr:pourquoi,\nd,OWN:D,I,x,q,2020,2,,m;n\n");
        result.Findings.HasErrors.ShouldBeFalse();
        seen.Select(o => (o["B"], o["NOTE"], o["TAGS"])).ShouldBe([("p", "why", "(none)"), ("q", "(none)", "m|n")]);
        seen[0].Label("NOTE", "fr").ShouldBe("pourquoi");
    }

    [Fact]
    public void ValuesOfSeveralKindsAreOneAttribute()
    {
        var text = $"""
            <m:StructureSpecificData xmlns:m="{V30}message" xmlns:c="{V30}common"><m:DataSet><Series A="x">
            <Comp id="TITLE"><Value><c:Text xml:lang="en">One</c:Text><c:Text xml:lang="fr">Un</c:Text></Value></Comp>
            <Obs TIME_PERIOD="2020" OBS_VALUE="1"><Comp id="OBS_STATUS"><Value>A</Value><Value>F</Value></Comp></Obs></Series></m:DataSet></m:StructureSpecificData>
            """;
        var seen = Of(text).Seen.Single();
        (seen["OBS_STATUS"], seen["TITLE"], seen.Label("TITLE", "fr"), seen["A"]).ShouldBe(("A|F", "One", "Un", "x"));
    }

    [Fact]
    public void AColumnOfEveryDatasetKeepsItsPlace()
    {
        var (result, seen) = Of("DATAFLOW,FREQUENCY,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,SOURCE,DECIMALS\nOWN:D(1.0),A,KG,2020,1.25,us,1\n");
        var o = seen.Single();
        (o["UNIT_MEASURE"], o["UNIT_MEASURE_STATED"], o["SOURCE_STATED"], o["DECIMALS_STATED"], o["FREQ"], o.Source).ShouldBe(("KG", "KG", "us", "1", "A", "E2"));
        result.Cubes.Single().Components.Take(3).Select(c => c.Id).ShouldBe(["FREQ", "FREQUENCY", "UNIT_MEASURE_STATED"]);
    }

    [Fact]
    public void ACrossSectionalMessageOfVersion2Reads()
    {
        var (_, seen) = Of("""
            <CrossSectionalData xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message" xmlns:d="urn:own"><d:DataSet><d:Group FREQ="A" TIME="2020"><d:Section AREA="x">
            <d:BIRTHS value="5" UNIT="PS"/><d:DEATHS value="4" UNIT="PS"/></d:Section></d:Group></d:DataSet></CrossSectionalData>
            """);
        seen.Select(o => (o["AREA"], o["MEASURE"], o["TIME_PERIOD"], o.Value, o["UNIT_MEASURE"])).ShouldBe([("x", "BIRTHS", "2020", 5m, "PS"), ("x", "DEATHS", "2020", 4m, "PS")]);
    }

    [Theory]
    [InlineData("2003-Q1", "2003-Q1", "Q")]
    [InlineData("2010-01", "2010-01", "M")]
    [InlineData("2010-12+01:00", "2010-12", "M")]
    [InlineData("2009-10", "2009-10", "M")]
    [InlineData("2010-A1", "2010", "A")]
    [InlineData("2010Z", "2010", "A")]
    [InlineData("2011-M03", "2011-03", "M")]
    [InlineData("2011-W05", "2011-W05", "W")]
    [InlineData("2010-S1", "2010-S1", "S")]
    [InlineData("2010-T2", "2010-05/2010-08", "_O")]
    [InlineData("2010-D045", "2010-02-14", "D")]
    [InlineData("2012-D366", "2012-12-31", "D")]
    [InlineData("2010-03-05", "2010-03-05", "D")]
    [InlineData("2010-03-05T00:00:00Z", "2010-03-05", "D")]
    [InlineData("2010-03-05T00:00:00.000+01:00", "2010-03-05", "D")]
    [InlineData("2010-01-01/P1Y", "2010", "A")]
    [InlineData("2010-04-01/P1Y", "2010-04/2011-03", "_O")]
    [InlineData("2010-07-01/P6M", "2010-S2", "S")]
    [InlineData("2010-04-01T00:00:00/P3M", "2010-Q2", "Q")]
    [InlineData("2010-02-01/P1M", "2010-02", "M")]
    [InlineData("2010-01-04/P7D", "2010-W01", "W")]
    [InlineData("2010-01-05/P10D", "2010-01-05/2010-01-14", "_O")]
    [InlineData("2010-01-01/P2Y", "2010/2011", "_O")]
    [InlineData("2010-Q5", "period-impossible", null)]
    [InlineData("2010-02-30", "period-impossible", null)]
    [InlineData("2011-D366", "period-impossible", null)]
    [InlineData("2010-13", "period-impossible", null)]
    [InlineData("2010-03-05T10:00:00", "period-too-fine", null)]
    [InlineData("0001-01-01/P0D", "", "_Z")]
    [InlineData("2010-01-01/P0D", "period-unreadable", null)]
    [InlineData("9999-12-31/P9999Y", "period-unreadable", null)]
    [InlineData("soon", "period-unreadable", null)]
    public void PeriodsTakeTheFormsOfTheProject(string text, string id, string? freq)
    {
        var problem = SdmxPeriods.Read(text, out var period);
        (problem ?? period.Id, problem is null ? period.Freq : null).ShouldBe((id, freq));
    }

    [Theory]
    [InlineData(200_000, "<a>", "", "xml-too-large")]
    [InlineData(1_500_000, " ", "<Obs", "xml-too-large")]
    public void AHostileMessageIsRefused(int count, string part, string open, string code)
    {
        var text = $"<m:GenericData xmlns:m=\"{V21}message\"><m:DataSet>{open}" + new StringBuilder().Insert(0, part, count);
        ReadingFixtures.Refusal(Encoding.UTF8.GetBytes(text), "message.dat").Code.ShouldBe(code);
    }

    [Fact]
    public void ManyNamesAreRefused()
    {
        var text = $"<m:GenericData xmlns:m=\"{V21}message\"><m:DataSet>" + string.Concat(Enumerable.Range(0, 120_000).Select(i => $"<n{i}/>"));
        ReadingFixtures.Refusal(Encoding.UTF8.GetBytes(text), "message.dat").Code.ShouldBe("xml-too-large");
    }
}
