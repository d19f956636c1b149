using System.Globalization;
using System.Text;
using CsCheck;
using Pipeline.Reading;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class PxTests
{
    private const string Head = "CHARSET=\"ANSI\";\nAXIS-VERSION=\"2013\";\nCODEPAGE=\"utf-8\";\nLANGUAGE=\"en\";\nLANGUAGES=\"en\",\"sv\";\nMATRIX=\"m\";\nDECIMALS=1;\n";

    private const string Small = Head
        + "STUB=\"region\";\nHEADING=\"contents\",\"year\";\nCONTVARIABLE=\"contents\";\n"
        + "VALUES(\"region\")=\"All\",\"North\";\nVALUES(\"contents\")=\"Births\",\"Rate\";\nVALUES(\"year\")=\"2001\",\"2002\";\n"
        + "CODES(\"region\")=\"0\",\"1\";\nTIMEVAL(\"year\")=TLIST(A1),\"2001\",\"2002\";\n";

    private static readonly string SmallData = "DATA=\n1 2 3.5 4.5\n5 6 7.5 8.5;\n";

    static PxTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Fact]
    public void A_table_written_in_any_layout_is_read_back() =>
        Gen.Select(DeclaredTable.Any, Gen.Int).Sample(static (table, seed) =>
        {
            var layout = new Layout(new Random(seed));
            var text = layout.Write(table);
            table.ShouldBeReadFrom(text, layout.Bytes(text), "t.px", layout.Codes, static _ => false);
        }, iter: 300);

    [Fact]
    public void A_file_that_is_cut_or_changed_is_read_or_refused() =>
        Gen.Select(DeclaredTable.Any, Gen.Int, Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 11].Select(i => "\";,=([)\nx.9\0"[i]), Gen.Int[0, 2]).Array[1, 5]).Sample(
            static (table, seed, changes) =>
            {
                var text = new StringBuilder(new Layout(new Random(seed)).Write(table));
                foreach (var (where, sign, kind) in changes)
                {
                    var at = where % text.Length;
                    if (kind == 0 && text.Length > 10)
                        text.Remove(at, Math.Min(9, text.Length - at - 1));
                    else if (kind == 1)
                        text.Insert(at, sign);
                    else
                        text[at] = sign;
                }
                try
                {
                    using var release = ReadingFixtures.Read(text.ToString(), "t.px");
                    using var result = Interpreter.Interpret(release, new ReleaseContext("t"));
                    result.Reconciliation.IsBalanced.ShouldBeTrue();
                }
                catch (UnreadableReleaseException e)
                {
                    e.Finding.Severity.ShouldBe(Severity.Error);
                }
            }, iter: 500);

    [Theory]
    [InlineData("STUB=\"region\";\n", "", "HEADING=\"contents\",\"year\";\n", "", "px-variables-missing", "line 15")]
    [InlineData("VALUES(\"region\")=\"All\",\"North\";\n", "", "", "", "px-values-missing", "line 8")]
    [InlineData("\"All\",\"North\"", "\"All\",\"All\"", "CODES(\"region\")=\"0\",\"1\";\n", "", "px-value-repeated", "line 11")]
    [InlineData("\"0\",\"1\"", "\"0\",\"0\"", "", "", "px-value-repeated", "line 14")]
    [InlineData("\"0\",\"1\"", "\"0\"", "", "", "px-values-differ", "line 14")]
    [InlineData("VALUES(\"year\")", "VALUES(\"month\")", "", "", "px-variable-unknown", "line 13")]
    [InlineData("\"All\",\"North\";", "\"All\",\"North;", "", "", "px-text-unterminated", "line 11")]
    [InlineData("\"All\",\"North\";", "\"All\",,\"North\";", "", "", "px-value-missing", "line 11")]
    [InlineData("\"All\",\"North\";", "\"All\",\"North\"", "", "", "px-keyword-malformed", "line 12")]
    [InlineData("MATRIX=\"m\";", "TITLE[no]=\"m\";", "", "", "px-language-undeclared", "line 6")]
    [InlineData("MATRIX=\"m\";", "CONFIDENTIAL=1;", "", "", "px-confidential", "line 6")]
    [InlineData("MATRIX=\"m\";", "5;", "", "", "px-keyword-missing", "line 6")]
    [InlineData("1 2 3.5 4.5", "1 2 3.5", "", "", "px-data-short", "line 19")]
    [InlineData("1 2 3.5 4.5", "1 2 3.5 4.5 5", "", "", "px-data-surplus", "line 19")]
    [InlineData("1 2 3.5 4.5", "1 2 3.5 oops", "", "", "px-cell-unreadable", "line 18")]
    [InlineData("1 2 3.5 4.5", "1 2 3.5 \"..", "", "", "px-text-unterminated", "line 18")]
    [InlineData("DATA=", "KEYS(\"region\")=CODES;\nDATA=\"7\",", "", "", "px-key-unknown", "line 18")]
    [InlineData("DATA=\n1", "KEYS(\"region\")=CODES;\nDATA=\n\"1\",1", "\n5 6", "\n\"1\" 5 6", "px-key-repeated", "line 20")]
    [InlineData("DATA=\n", "", SmallDataCells, "", "px-data-missing", "line 17")]
    public void What_would_put_a_cell_in_the_wrong_place_is_refused_with_its_line(string find, string put, string findToo, string putToo, string code, string where)
    {
        var text = (Small + "NOTE=\"a\";\n" + SmallData).Replace(find, put, StringComparison.Ordinal);
        if (findToo.Length > 0)
            text = text.Replace(findToo, putToo, StringComparison.Ordinal);
        var finding = Should.Throw<UnreadableReleaseException>(() => Interpret(text).Dispose()).Finding;
        (finding.Code, finding.Where).ShouldBe((code, where), finding.Message);
    }

    private const string SmallDataCells = "1 2 3.5 4.5\n5 6 7.5 8.5;\n";

    [Fact]
    public void Contents_have_units_decimals_and_periods_of_reference()
    {
        using var result = Interpret(Small + "UNITS(\"Births\")=\"thousand persons\";\nUNITS(\"Rate\")=\"per cent\";\nUNITS[sv](\"Rate\")=\"procent\";\nPRECISION(\"contents\",\"Rate\")=2;\n"
            + "REFPERIOD(\"Births\")=\"31 December\";\nSTOCKFA(\"Births\")=\"S\";\n" + SmallData);
        var cube = result.Cubes[0];
        cube.Components.Select(c => c.Id).Take(5).ShouldBe(["FREQ", "REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_STATUS"]);
        var rows = Rows(cube);
        rows[0].ShouldBe("FREQ=A REF_AREA=0 INDICATOR=BIRTHS TIME_PERIOD=2001 OBS_STATUS=A UNIT_MEASURE=PS UNIT_MULT=3 REF_PERIOD_DETAIL=31 December STOCKFA=S 1.0");
        rows[2].ShouldBe("FREQ=A REF_AREA=0 INDICATOR=RATE TIME_PERIOD=2001 OBS_STATUS=A UNIT_MEASURE=PT UNIT_MULT=0 3.50");
    }

    [Fact]
    public void Zeros_that_rows_with_keys_leave_out_are_read_as_zeros()
    {
        using var result = Interpret(Small + "KEYS(\"region\")=VALUES;\n" + "DATA=\n\"North\",1 2 \"..\" -4;\n");
        Rows(result.Cubes[0]).Select(r => r[(r.LastIndexOf(' ') + 1)..]).ShouldBe(["1.0", "2.0", "", "-4.0", "0.0", "0.0", "0.0", "0.0"]);
        result.Findings.Kept.ShouldContain(f => f.Code == "px-zeros-filled" && f.Found == "4 cells");
        result.Reconciliation.CellsIn.ShouldBe(8);
    }

    [Fact]
    public void Notes_flags_and_attributes_stand_with_their_cells()
    {
        using var result = Interpret(Small + "CELLNOTE(\"*\",\"Rate\",\"2002\")=\"Two \"\n\"lines.\";\nCELLNOTEX(\"North\",\"*\",\"*\")=\"Far.\";\nVALUENOTE(\"year\",\"2001\")=\"Old.\";\n"
            + "DATANOTECELL(\"0\",\"*\",\"2001\")=\"e\";\nATTRIBUTE-ID=\"ObsConf\";\nATTRIBUTES=\"F\";\nATTRIBUTES(\"1\",\"Births\",\"2002\")=\"C\";\n" + SmallData);
        var rows = Rows(result.Cubes[0]);
        rows[0].ShouldContain("OBS_STATUS=E UNIT_MEASURE=_X UNIT_MULT=0 OBS_SYMBOL=e COMMENT_OBS=Old. OBSCONF=F");
        rows[3].ShouldContain("OBS_STATUS=A UNIT_MEASURE=_X UNIT_MULT=0 COMMENT_OBS=Two lines. OBSCONF=F");
        rows[5].ShouldContain("COMMENT_OBS=Far. OBSCONF=C");
        rows[7].ShouldContain("COMMENT_OBS=Far. Two lines. OBSCONF=F");
    }

    [Fact]
    public void Hierarchies_and_the_value_for_elimination_are_parents()
    {
        using var result = Interpret(Small.Replace("\"All\",\"North\"", "\"All\",\"North\",\"N1\",\"N2\"", StringComparison.Ordinal).Replace("\"0\",\"1\"", "\"0\",\"1\",\"2\",\"3\"", StringComparison.Ordinal)
            + "HIERARCHIES(\"region\")=\"1\",\"1\":\"2\",\"2\":\"3\",\"3\":\"2\";\nELIMINATION(\"region\")=\"All\";\n" + SmallData.Replace(";", " 1 1 1 1 2 2 2 2;", StringComparison.Ordinal));
        var codes = result.Cubes[0].Components[1].Codes;
        Enumerable.Range(0, 4).Select(i => codes[i].Parent).ShouldBe([null, "0", "1", "2"]);
    }

    [Fact]
    public void Labels_come_in_every_language_and_lists_that_disagree_on_their_order_follow_the_values()
    {
        using var result = Interpret((Small + "STUB[sv]=\"län\";\nHEADING[sv]=\"innehåll\",\"år\";\nVALUES[sv](\"län\")=\"Alla\",\"Norr\";\nVALUENOTE[sv](\"län\",\"Norr\")=\"n\";\nTITLE=\"T\";\nTITLE[sv]=\"Ti\"\n\"tel\";\n" + SmallData)
            .Replace("VALUES(\"year\")=\"2001\",\"2002\"", "VALUES(\"year\")=\"2002\",\"2001\"", StringComparison.Ordinal));
        var cube = result.Cubes[0];
        cube.Title.ShouldBe(new Dictionary<string, string> { ["en"] = "T", ["sv"] = "Titel" });
        cube.Components[1].Labels["sv"].ShouldBe("län");
        cube.Components[1].Codes[1].Labels.ShouldBe(new Dictionary<string, string> { ["en"] = "North", ["sv"] = "Norr" });
        Rows(cube)[0].ShouldContain("TIME_PERIOD=2002");
    }

    [Theory]
    [InlineData("TLIST(A1),\"2001\",\"2002\"", "first;second", "2001 2002")]
    [InlineData("TLIST(Q1,\"20014\"-\"20021\")", "x;y", "2001-Q4 2002-Q1")]
    [InlineData("TLIST(M1,\"200112-200201\")", "dec;jan", "2001-12 2002-01")]
    [InlineData("TLIST(W1)", "2020U52;2020U53", "2020-W52 2020-W53")]
    [InlineData("TLIST(Q1)", "2020K1;2020KV2", "2020-Q1 2020-Q2")]
    [InlineData("TLIST(A1)", "2014/15;2015/16", "2014/2015 2015/2016")]
    [InlineData("", "2005TI;2005TIV", "2005-Q1 2005-Q4")]
    [InlineData("", "2011/01;2011/02", "2011-01 2011-02")]
    [InlineData("", "2011/II;2011/III", "2011-Q2 2011-Q3")]
    [InlineData("", "2008S1;2008S2", "2008-S1 2008-S2")]
    public void Time_is_read_in_the_notations_of_offices(string timeval, string labels, string periods)
    {
        var text = Head + $"HEADING=\"tid\";\nVALUES(\"tid\")=\"{labels.Replace(";", "\",\"", StringComparison.Ordinal)}\";\n" + (timeval.Length == 0 ? "" : $"TIMEVAL(\"tid\")={timeval};\n") + "DATA=1 2;";
        using var result = Interpret(text);
        var cube = result.Cubes[0];
        cube.TimeIndex.ShouldBe(1);
        string.Join(' ', Enumerable.Range(0, 2).Select(i => cube.Components[1].Codes[i].Id)).ShouldBe(periods);
    }

    [Fact]
    public void A_value_of_time_that_is_no_period_keeps_the_dimension()
    {
        using var result = Interpret(Head + "HEADING=\"tid\";\nVALUES(\"tid\")=\"2001\",\"mean\";\nTIMEVAL(\"tid\")=TLIST(A1),\"2001\";\nDATA=1 2;");
        Rows(result.Cubes[0]).ShouldBe(["FREQ=A TID=2001 TIME_PERIOD=2001 OBS_STATUS=A UNIT_MEASURE=_X UNIT_MULT=0 1.0", "FREQ=_Z TID=MEAN TIME_PERIOD= OBS_STATUS=A UNIT_MEASURE=_X UNIT_MULT=0 2.0"]);
        result.Findings.Kept.ShouldContain(f => f.Code == "period-unreadable" && f.Found == "mean");
    }

    [Fact]
    public void What_no_cell_needs_is_passed_over_with_a_warning()
    {
        using var result = Interpret(Small + "LINK=\"a\" \"b\" = 5;\nVARIABLECODE(\"nothing\")=\"x\";\nCELLNOTE(\"*\",\"*\",\"1999\")=\"n\";\n" + SmallData);
        result.Cubes[0].Observations.Count.ShouldBe(8);
        result.Findings.Kept.Select(f => f.Code).ShouldContain("px-keyword-ignored");
    }

    [Fact]
    public void Data_may_stand_in_any_old_layout()
    {
        using var result = Interpret(Small + "DATASYMBOL2=\"n.a.\";\nDATASYMBOL1=\"c\";\nDATA=1,2;3.5\t\"..\"\r\n5\r6 \".\"\n\n -  ; \u001a");
        var rows = Rows(result.Cubes[0]);
        rows[3].ShouldContain("OBS_STATUS=O UNIT_MEASURE=_X UNIT_MULT=0 OBS_SYMBOL=..");
        rows[6].ShouldContain("OBS_STATUS=Q UNIT_MEASURE=_X UNIT_MULT=0 OBS_SYMBOL=.");
        rows[7].ShouldContain("OBS_STATUS=O UNIT_MEASURE=_X UNIT_MULT=0 OBS_SYMBOL=-");
    }

    [Fact]
    public void Keywords_without_number_cost_bounded_memory()
    {
        var text = Head + "HEADING=\"a\";\nVALUES(\"a\")=\"x\";\n" + string.Concat(Enumerable.Repeat("A=B;\n", 500_000)) + "DATA=1;";
        Should.Throw<UnreadableReleaseException>(() => Interpret(text).Dispose()).Finding.Code.ShouldBe("px-too-large");
    }

    [Theory]
    [InlineData("LANGUAGE=\"et\";", "windows-1257", "Pärnu, Žžõš", "")]
    [InlineData("LANGUAGE=\"ru\";", "windows-1251", "Город", "")]
    [InlineData("LANGUAGE=\"sl\";CODEPAGE=\"windows-1250\";", "windows-1250", "Ščepec žar", "")]
    [InlineData("LANGUAGE=\"fi\";CODEPAGE=\"850\";", "ibm850", "Hämeenlinna", "")]
    [InlineData("LANGUAGE=\"is\";CODEPAGE=\"iso-8859-15\";", "iso-8859-15", "Þórshöfn €", "")]
    [InlineData("LANGUAGE=\"es\";CODEPAGE=\"iso-8859-1\";", "windows-1252", "Cáceres – «a»", "")]
    [InlineData("", "ibm850", "Søndre Åland, Öland", "without CHARSET")]
    public void Code_pages_are_read_as_declared(string declared, string encoding, string label, string kind)
    {
        var text = (kind.Length == 0 ? "CHARSET=\"ANSI\";\n" : "") + declared.Replace(";", ";\n", StringComparison.Ordinal) + $"MATRIX=\"m\";\nHEADING=\"a\";\nVALUES(\"a\")=\"{label}\";\nDATA=1;";
        using var release = ReadingFixtures.Read(Encoding.GetEncoding(encoding).GetBytes(text), "t.px");
        using var result = Interpreter.Interpret(release, new ReleaseContext("t"));
        result.Cubes[0].Components[1].Codes[0].Labels.Values.ShouldBe([label]);
    }

    [Fact]
    public void A_number_of_too_many_digits_is_set_aside()
    {
        using var result = Interpret(Small + SmallData.Replace("3.5", "3.00000000000000000000000000000000001", StringComparison.Ordinal));
        result.Cubes[0].Observations.Count.ShouldBe(7);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        result.Findings.Kept.ShouldContain(f => f.Code == "number-too-long" && f.Where == "line 17");
    }

    private static Interpretation Interpret(string text)
    {
        using var release = ReadingFixtures.Read(text, "t.px");
        var result = Interpreter.Interpret(release, new ReleaseContext("t"));
        result.Findings.Add(release.Findings);
        return result;
    }

    private static List<string> Rows(Cube cube)
    {
        var rows = new List<string>();
        foreach (var batch in cube.Observations.Read())
            for (var row = 0; row < batch.Count; row++)
                rows.Add(string.Join(' ', cube.Components.Select((c, i) => (c.Id, Code: batch.Codes[i][row])).Where(c => c.Code >= 0).Select(c => $"{c.Id}={cube.Components[cube.IndexOf(c.Id)].Codes[c.Code].Id}"))
                    + " " + batch.Value(row)?.ToString(CultureInfo.InvariantCulture));
        return rows;
    }

    /// <summary>One of the ways in which a table can be written as PX.</summary>
    private sealed class Layout
    {
        private readonly Random random;
        private readonly int encoding;
        private readonly string end;
        private readonly bool isBilingual;

        public Layout(Random random)
        {
            this.random = random;
            encoding = random.Next(4);
            end = random.Next(2) == 0 ? "\n" : "\r\n";
            (isBilingual, Codes) = (random.Next(2) == 0, random.Next(2) == 0);
        }

        public bool Codes { get; }

        public byte[] Bytes(string text) => encoding switch
        {
            0 => Encoding.UTF8.GetBytes(text),
            1 => [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(text)],
            2 => Encoding.GetEncoding("windows-1252").GetBytes(text),
            _ => Encoding.GetEncoding(850).GetBytes(text),
        };

        public string Write(DeclaredTable table)
        {
            var text = new StringBuilder();
            var stub = random.Next(table.Dimensions.Length + 1);
            if (encoding != 3)
                Line("CHARSET=\"ANSI\"");
            Line("AXIS-VERSION=2010");
            if (encoding < 3)
                Line($"CODEPAGE=\"{(encoding == 2 ? "iso-8859-1" : "UTF-8")}\"");
            Line("LANGUAGE=\"de\"");
            if (isBilingual)
                Line("LANGUAGES=\"de\",\"EN\"");
            Line("TITLE=" + Broken("Über die Größe; und; mehr"));
            if (stub > 0)
                Line("STUB=" + List(table.Dimensions[..stub].Select(d => d.Name)));
            if (stub < table.Dimensions.Length)
                Line((random.Next(2) == 0 ? "HEADING=" : "HEADING =" + end) + List(table.Dimensions[stub..].Select(d => d.Name)));
            if (isBilingual && stub > 0)
                Line("STUB[EN]=" + List(table.Dimensions[..stub].Select(d => d.Name + "-e")));
            if (isBilingual && stub < table.Dimensions.Length)
                Line("HEADING[EN]=" + List(table.Dimensions[stub..].Select(d => d.Name + "-e")));
            foreach (var dimension in table.Dimensions)
            {
                // With TIMEVAL alone the values are made from it.
                var isMade = dimension.Periods is not null && random.Next(3) == 0;
                if (!isMade)
                    Line($"VALUES(\"{dimension.Name}\")=" + List(dimension.Labels));
                if (isBilingual && !isMade)
                    Line($"VALUES[EN](\"{dimension.Name}-e\")=" + List(dimension.Labels.Select(l => l + " e")));
                if (Codes && !isMade)
                    Line($"CODES(\"{dimension.Name}\")=" + List(dimension.Codes));
                if (dimension.Periods is not null && (isMade || dimension.Labels.Length == 1 || random.Next(2) == 0))
                {
                    string[] digits = [.. dimension.Labels.Select(l => string.Concat(l.Where(char.IsAsciiDigit)))];
                    Line($"TIMEVAL(\"{dimension.Name}\")=" + (random.Next(2) == 0 ? $"TLIST({dimension.Scale}1)," + List(digits) : $"TLIST({dimension.Scale}1, \"{digits[0]}\"-\"{digits[^1]}\")"));
                }
            }
            Line("NOTE=" + Broken("Nothing; \"\"of\"\" note"));
            var keys = stub > 0 && stub < table.Dimensions.Length && random.Next(3) == 0;
            if (keys)
                foreach (var dimension in table.Dimensions[..stub])
                    Line($"KEYS(\"{dimension.Name}\")=VALUES");
            var row = keys ? table.Dimensions[stub..].Aggregate(1, (n, d) => n * d.Labels.Length) : random.Next(1, 9);
            text.Append("DATA=").Append(end);
            for (var i = 0; i < table.Cells.Length; i++)
            {
                if (keys && i % row == 0)
                    foreach (var (d, value) in table.At(i)[..stub].Index())
                        text.Append('"').Append(table.Dimensions[d].Labels[value]).Append("\",");
                var (number, sign) = table.Cells[i];
                text.Append(number is { } n ? n.ToString(CultureInfo.InvariantCulture) : random.Next(2) == 0 ? $"\"{sign}\"" : sign);
                if (i + 1 < table.Cells.Length)
                    text.Append((i + 1) % row == 0 ? end : random.Next(4) switch { 0 => "\t", 1 => " , ", 2 => "  ", _ => " " });
            }
            return text.Append(random.Next(2) == 0 ? ";" : " " + end + ";" + end).ToString();

            void Line(string statement) => text.Append(statement).Append(random.Next(5) == 0 ? " ;" : ";").Append(end);
        }

        private string List(IEnumerable<string> values) => string.Join(random.Next(3) == 0 ? "," + end : ",", values.Select(v => $"\"{v}\""));

        private string Broken(string text)
        {
            var at = random.Next(1, 8);
            return random.Next(2) == 0 ? $"\"{text}\"" : $"\"{text[..at]}\"{end}\"{text[at..]}\"";
        }
    }
}
