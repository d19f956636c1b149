using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace Pipeline.Tests;

/// <summary>An observation of a test: the codes of AREA and ITEM, a month, the value as it is written, its status.</summary>
internal sealed record SdmxRow(string Area, string Item, string Period, string? Value, string? Status)
{
    public string Series => Area + "." + Item;
}

/// <summary>Observations of one structure: dimensions FREQ, AREA, ITEM, TIME_PERIOD; OBS_STATUS, TITLE (by series), UNIT_MULT (of the data set), NOTE_AREA (of all with one area).</summary>
internal sealed record SdmxData(IReadOnlyList<SdmxRow> Rows)
{
    private static readonly string[] Texts = ["Alpha & <beta>", "\"quoted\" 文字", "🐑 sheep", "plain"];

    /// <summary>Up to 40 observations, each key once; values of all kinds, some missing; texts that have to be escaped, and characters beyond the BMP.</summary>
    public static readonly Gen<SdmxData> Any = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 40], Gen.Int[0, 5], Gen.Int[-9_999_999, 9_999_999], Gen.Int[0, 4]).Select(
            (area, item, month, kind, digits, scale) => new SdmxRow($"A{area}", $"I-{item}", $"{2000 + (month / 12)}-{(month % 12) + 1:D2}",
                kind switch { 0 => null, 1 => "NaN", _ => new decimal(Math.Abs(digits), 0, 0, digits < 0, (byte)scale).ToString(CultureInfo.InvariantCulture) }, kind switch { 0 or 2 => "M", 3 => null, _ => "E" }))
        .List[1, 40].Select(rows => new SdmxData([.. rows.DistinctBy(r => (r.Series, r.Period))])).Where(data => data.Rows.Any(r => r.Value is not null));

    public static string TitleOf(SdmxRow row) => $"{Texts[row.Area[1] % 4]} {row.Item}";

    public static string NoteOf(string area) => "note of " + area;

    private IEnumerable<IGrouping<(string Area, string Item), SdmxRow>> Series => Rows.GroupBy(r => (r.Area, r.Item));

    private IEnumerable<IGrouping<string, SdmxRow>> Areas => Rows.GroupBy(r => r.Area);

    /// <summary>SDMX-ML 2.1 generic: 0 time series, 1 flat, 2 cross-sections by AREA; 3 is SDMX-ML 2.0.</summary>
    public string Generic(int style, string newline)
    {
        var old = style == 3;
        string Value(string id, string value) => $"<g:Value {(old ? "concept" : "id")}=\"{id}\" value=\"{Escape(value)}\"/>";
        string Measure(SdmxRow row) => row.Value is null ? "" : $"<g:ObsValue value=\"{row.Value}\"/>";
        string OfObs(SdmxRow row) => row.Status is null ? "" : $"<g:Attributes>{Value("OBS_STATUS", row.Status)}</g:Attributes>";
        var body = new StringBuilder();
        foreach (var area in Areas.Where(_ => style != 2))
            body.Append($"<g:Group type=\"ByArea\"><g:GroupKey>{Value("AREA", area.Key)}</g:GroupKey><g:Attributes>{Value("NOTE_AREA", NoteOf(area.Key))}</g:Attributes></g:Group>{newline}");
        if (style is 0 or 3)
        {
            foreach (var series in Series)
            {
                body.Append($"<g:Series><g:SeriesKey>{Value("FREQ", "M")}{Value("AREA", series.Key.Area)}{Value("ITEM", series.Key.Item)}</g:SeriesKey><g:Attributes>{Value("TITLE", TitleOf(series.First()))}</g:Attributes>{newline}");
                foreach (var row in series)
                    body.Append($"<g:Obs>{(old ? $"<g:Time>{row.Period}</g:Time>" : $"<g:ObsDimension value=\"{row.Period}\"/>")}{Measure(row)}{OfObs(row)}</g:Obs>{newline}");
                body.Append("</g:Series>");
            }
        }
        else if (style == 1)
        {
            foreach (var row in Rows)
                body.Append($"<g:Obs><g:ObsKey>{Value("FREQ", "M")}{Value("AREA", row.Area)}{Value("ITEM", row.Item)}{Value("TIME_PERIOD", row.Period)}</g:ObsKey>{Measure(row)}"
                    + $"<g:Attributes>{Value("TITLE", TitleOf(row))}{(row.Status is null ? "" : Value("OBS_STATUS", row.Status))}</g:Attributes></g:Obs>{newline}");
        }
        else
        {
            foreach (var section in Rows.GroupBy(r => (r.Item, r.Period)))
            {
                body.Append($"<g:Series><g:SeriesKey>{Value("FREQ", "M")}{Value("ITEM", section.Key.Item)}{Value("TIME_PERIOD", section.Key.Period)}</g:SeriesKey>{newline}");
                foreach (var row in section)
                    body.Append($"<g:Obs><g:ObsDimension value=\"{row.Area}\"/>{Measure(row)}<g:Attributes>{Value("TITLE", TitleOf(row))}{Value("NOTE_AREA", NoteOf(row.Area))}"
                        + $"{(row.Status is null ? "" : Value("OBS_STATUS", row.Status))}</g:Attributes></g:Obs>{newline}");
                body.Append("</g:Series>");
            }
        }
        var ns = old ? "http://www.SDMX.org/resources/SDMXML/schemas/v2_0/" : "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/";
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>{newline}<m:GenericData xmlns:m=\"{ns}message\" xmlns:g=\"{ns}{(old ? "generic" : "data/generic")}\">{Header(style == 2 ? "AREA" : style == 1 ? "AllDimensions" : "TIME_PERIOD", old)}"
            + $"<m:DataSet structureRef=\"S\"><g:Attributes>{Value("UNIT_MULT", "3")}</g:Attributes>{newline}{body}</m:DataSet></m:GenericData>";
    }

    /// <summary>SDMX-ML structure-specific: 0 time series, 1 flat, 2 cross-sections by AREA (2.1); 3 compact 2.0.</summary>
    public string Specific(int style, string newline)
    {
        var old = style == 3;
        string Measure(SdmxRow row) => row.Value is null ? "" : $" OBS_VALUE=\"{row.Value}\"";
        string Status(SdmxRow row) => row.Status is null ? "" : $" OBS_STATUS=\"{row.Status}\"";
        string Title(SdmxRow row) => $" TITLE=\"{Escape(TitleOf(row))}\"";
        var body = new StringBuilder();
        foreach (var area in Areas.Where(_ => style != 2))
            body.Append($"<{(old ? "d:ByArea" : "Group xsi:type=\"d:ByArea\"")} AREA=\"{area.Key}\" NOTE_AREA=\"{NoteOf(area.Key)}\"/>{newline}");
        var p = old ? "d:" : "";
        if (style is 0 or 3)
        {
            foreach (var series in Series)
            {
                body.Append($"<{p}Series FREQ=\"M\" AREA=\"{series.Key.Area}\" ITEM=\"{series.Key.Item}\"{Title(series.First())}>{newline}");
                foreach (var row in series)
                    body.Append($"  <{p}Obs TIME_PERIOD=\"{row.Period}\"{Measure(row)}{Status(row)}/>{newline}");
                body.Append($"</{p}Series>");
            }
        }
        else if (style == 1)
        {
            foreach (var row in Rows)
                body.Append($"<Obs FREQ=\"M\" AREA='{row.Area}' ITEM=\"{row.Item}\" TIME_PERIOD=\"{row.Period}\"{Title(row)}{Measure(row)}{Status(row)}></Obs>{newline}");
        }
        else
        {
            foreach (var section in Rows.GroupBy(r => (r.Item, r.Period)))
            {
                body.Append($"<Series FREQ=\"M\" TIME_PERIOD=\"{section.Key.Period}\" ITEM=\"{section.Key.Item}\">");
                foreach (var row in section)
                    body.Append($"<Obs AREA=\"{row.Area}\"{Measure(row)}{Status(row)}{Title(row)} NOTE_AREA=\"{NoteOf(row.Area)}\" />{newline}");
                body.Append("</Series>");
            }
        }
        var ns = old ? "http://www.SDMX.org/resources/SDMXML/schemas/v2_0/" : "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/";
        var root = old ? "CompactData" : "StructureSpecificData";
        return $"<?xml version=\"1.0\"?><m:{root} xmlns:m=\"{ns}message\" xmlns:d=\"urn:own:structure\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">{Header(style == 2 ? "AREA" : style == 1 ? "AllDimensions" : "TIME_PERIOD", old)}"
            + $"<{(old ? "d:DataSet" : "m:DataSet structureRef=\"S\"")} UNIT_MULT=\"3\">{newline}{body}</{(old ? "d:DataSet" : "m:DataSet")}></m:{root}>";
    }

    /// <summary>SDMX-JSON: by series or flat, version 1 or 2; the structure before the data or behind them.</summary>
    public string Json(bool isFlat, int version, bool structureFirst)
    {
        var areas = Rows.Select(r => r.Area).Distinct().ToList();
        var items = Rows.Select(r => r.Item).Distinct().ToList();
        var periods = Rows.Select(r => r.Period).Distinct().ToList();
        var statuses = Rows.Select(r => r.Status).OfType<string>().Distinct().ToList();
        var titles = Rows.Select(TitleOf).Distinct().ToList();
        JsonObject Component(string id, IEnumerable<string> values) => new() { ["id"] = id, ["name"] = "The " + id, ["values"] = new JsonArray([.. values.Select(v => new JsonObject { ["id"] = v, ["name"] = "Label of " + v })]) };
        JsonNode? ValueOf(SdmxRow row) => row.Value is null ? null : row.Value == "NaN" ? JsonValue.Create("NaN") : JsonNode.Parse(row.Value);
        JsonArray Observation(SdmxRow row, bool withTitle)
        {
            var cells = new JsonArray(ValueOf(row), row.Status is null ? null : JsonValue.Create(statuses.IndexOf(row.Status)));
            if (withTitle)
                cells.Add(titles.IndexOf(TitleOf(row)));
            if (version == 1 || withTitle)
                return cells;
            // what ends an array may be left out
            if (row.Status is null)
                cells.RemoveAt(1);
            return cells;
        }
        var dimensions = new JsonObject
        {
            ["dataSet"] = new JsonArray(Component("FREQ", ["M"])),
            ["series"] = isFlat ? new JsonArray() : new JsonArray(Component("AREA", areas), Component("ITEM", items)),
            ["observation"] = isFlat ? new JsonArray(Component("AREA", areas), Component("ITEM", items), Component("TIME_PERIOD", periods)) : new JsonArray(Component("TIME_PERIOD", periods)),
        };
        var title = new JsonObject { ["id"] = "TITLE", ["values"] = new JsonArray([.. titles.Select(t => version == 1 ? new JsonObject { ["name"] = t } : new JsonObject { ["value"] = t })]) };
        var attributes = new JsonObject
        {
            ["dataSet"] = new JsonArray(Component("UNIT_MULT", ["3"])),
            ["series"] = isFlat ? new JsonArray() : new JsonArray(title),
            ["observation"] = isFlat ? new JsonArray(Component("OBS_STATUS", statuses), title.DeepClone()) : new JsonArray(Component("OBS_STATUS", statuses)),
        };
        var structure = new JsonObject { ["name"] = "Own data", ["dimensions"] = dimensions, ["attributes"] = attributes };
        var set = new JsonObject { ["action"] = "Replace", ["attributes"] = new JsonArray(0) };
        if (version == 2)
        {
            attributes["dimensionGroup"] = new JsonArray(new JsonObject { ["id"] = "NOTE_AREA" });
            structure["measures"] = new JsonObject { ["observation"] = new JsonArray(new JsonObject { ["id"] = "OBS_VALUE" }) };
            set["structure"] = 0;
            set["dimensionGroupAttributes"] = new JsonObject(areas.Select((a, i) => KeyValuePair.Create($":{i}::", (JsonNode?)new JsonArray(NoteOf(a)))));
        }
        if (isFlat)
            set["observations"] = new JsonObject(Rows.Select(r => KeyValuePair.Create($"{areas.IndexOf(r.Area)}:{items.IndexOf(r.Item)}:{periods.IndexOf(r.Period)}", (JsonNode?)Observation(r, true))));
        else
            set["series"] = new JsonObject(Series.Select(s => KeyValuePair.Create($"{areas.IndexOf(s.Key.Area)}:{items.IndexOf(s.Key.Item)}", (JsonNode?)new JsonObject
            {
                ["attributes"] = new JsonArray(titles.IndexOf(TitleOf(s.First()))),
                ["observations"] = new JsonObject(s.Select(r => KeyValuePair.Create($"{periods.IndexOf(r.Period)}", (JsonNode?)Observation(r, false)))),
            })));
        var structures = KeyValuePair.Create(version == 1 ? "structure" : "structures", version == 1 ? (JsonNode?)structure : new JsonArray(structure));
        var sets = KeyValuePair.Create("dataSets", (JsonNode?)new JsonArray(set));
        var data = new JsonObject(structureFirst ? [structures, sets] : [sets, structures]);
        return new JsonObject { ["meta"] = new JsonObject { ["id"] = "T", ["contentLanguages"] = new JsonArray("en") }, ["data"] = data }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>SDMX-CSV: 0 version 1 with codes, 1 version 1 with labels, 2 version 2 with codes, 3 with labels in cells, 4 with labels in columns and semicolons.</summary>
    public string Csv(int style)
    {
        var delimiter = style == 4 ? ';' : ',';
        string[] ids = ["FREQ", "AREA", "ITEM", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "TITLE", "UNIT_MULT", "NOTE_AREA"];
        var both = style is 1 or 3;
        string[] lead = style switch { 0 or 1 => ["DATAFLOW"], 4 => ["STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"], _ => ["STRUCTURE", "STRUCTURE_ID", "ACTION"] };
        string[] start = style switch { 0 or 1 => ["OWN:DATA(1.0)"], 4 => ["dataflow", "OWN:DATA(1.0)", "Own data", "I"], _ => ["dataflow", "OWN:DATA(1.0)", "R"] };
        var text = new StringBuilder();
        void Line(IEnumerable<string> cells) => text.Append(string.Join(delimiter, cells.Select(c => c.AsSpan().ContainsAny("\",;\n") ? '"' + c.Replace("\"", "\"\"") + '"' : c))).Append("\r\n");
        Line([.. lead, .. ids.SelectMany(id => style == 4 ? [id, "The " + id] : new[] { both ? $"{id}: The {id}" : id })]);
        foreach (var row in Rows)
        {
            string[] cells = ["M", row.Area, row.Item, row.Period, row.Value ?? "", row.Status ?? "", TitleOf(row), "3", NoteOf(row.Area)];
            Line([.. start, .. cells.Select((c, i) => both && i is 0 or 1 or 2 && both ? $"{c}: Label of {c}" : c).SelectMany((c, i) => style == 4 ? [c, i is 1 or 2 ? "Label of " + c : ""] : new[] { c })]);
        }
        return text.ToString();
    }

    private static string Header(string atObservation, bool old) => old
        ? "<m:Header><m:ID>T</m:ID><m:Test>false</m:Test><m:KeyFamilyRef>DATA</m:KeyFamilyRef><m:DataSetAction>Append</m:DataSetAction></m:Header>"
        : "<m:Header><m:ID>T</m:ID><m:Test>false</m:Test>"
            + $"<m:Structure structureID=\"S\" dimensionAtObservation=\"{atObservation}\"><Structure><Ref agencyID=\"OWN\" id=\"DATA\" version=\"1.0\"/></Structure></m:Structure></m:Header>";

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace("\"", "&quot;");
}
