using System.Diagnostics;
using System.Globalization;
using System.Text;
using CsCheck;
using Pipeline.Checking;
using Pipeline.Local;
using Pipeline.Reading;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

/// <summary>
/// Whatever is done to a file, its check ends with findings, and its account balances. By hand: the files below PIPELINE_FUZZ_DIR are
/// mutated for PIPELINE_FUZZ_SECONDS; what breaks, with as few changes as break it, is kept in PIPELINE_FUZZ_OUT.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    /// <summary>The most processor time that a file may cost by hand; time that passes says nothing on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly byte[][] Seeds =
    [
        "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,1.5,PT\n650200,2022,2.5,PT\n"u8.ToArray(),
        "地区,2020,2021,2022\n北京,\"1,234.5\",2,-\n天津,3,4.25%,…\n单位：万元\n"u8.ToArray(),
        "Area;Jan 2023;Feb 2023\nUrumqi;1,5;2,5\nKashgar;n/a;3,5 p\n"u8.ToArray(),
        "地区,\"年份\",value\n\"北京\"\"市\",2020,1.5\n天津,2021,2\n"u8.ToArray(),
        [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("a;b\n1;2\n3;4\n")],
        "2023年上半年，新疆规模以上工业增加值同比增长5.2%，其中，采矿业增长7.0%。\nIn the first half of 2023, industrial output in Xinjiang rose by 5.2 percent.\n"u8.ToArray(),
        "<html><body><h1>T</h1><p>Output &amp; prices <b>5%</b></p><table><tr><th>a</th><th colspan=2>2023</th></tr><tr><td>b<td>1<td>2</table><script>x</script></body></html>"u8.ToArray(),
        "# T\n\n- a **b** [c](d) 5%\n\n| a | b |\n|---|---|\n| x | 1 |\n"u8.ToArray(),
        Xlsx(("表1", "<row><c t=\"inlineStr\"><is><t>area</t></is></c><c><v>2021</v></c><c><v>2022</v></c></row><row><c t=\"inlineStr\"><is><t>a</t></is></c><c><v>1.5</v></c><c t=\"e\"><v>#N/A</v></c></row>")),
        Xls(false, ("S", false, [.. LabelCell(0, 0, "area"), .. LabelCell(0, 1, "2022"), .. LabelCell(1, 0, "a"), .. NumberCell(1, 1, 1, 5), .. BooleanOrErrorCell(2, 1, 7, true)])),
        Encoding.UTF8.GetBytes("CHARSET=\"ANSI\";\nAXIS-VERSION=\"2010\";\nCODEPAGE=\"utf-8\";\nMATRIX=\"x\";\nTITLE=\"t\";\nDECIMALS=1;\nUNITS=\"persons\";\nSTUB=\"region\";\nHEADING=\"year\";\n"
            + "VALUES(\"region\")=\"a\",\"b\";\nVALUES(\"year\")=\"2022\",\"2023\";\nTIMEVAL(\"year\")=TLIST(A1),\"2022\",\"2023\";\nDATA=\n1.5 2 \n\"..\" 4;\n"),
        Encoding.UTF8.GetBytes("{\"version\":\"2.0\",\"class\":\"dataset\",\"label\":\"t\",\"id\":[\"geo\",\"time\"],\"size\":[2,2],\"dimension\":{\"geo\":{\"category\":{\"index\":[\"a\",\"b\"],\"label\":{\"a\":\"A\",\"b\":\"B\"}}},"
            + "\"time\":{\"category\":{\"index\":{\"2022\":0,\"2023\":1}}}},\"value\":[1.5,2,null,4],\"status\":{\"2\":\"x\"},\"role\":{\"time\":[\"time\"],\"geo\":[\"geo\"]}}"),
        Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><m:GenericData xmlns:m=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\" xmlns:g=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic\">"
            + "<m:Header><m:ID>x</m:ID><m:Structure structureID=\"S\" dimensionAtObservation=\"TIME_PERIOD\"/></m:Header><m:DataSet structureRef=\"S\"><g:Series><g:SeriesKey><g:Value id=\"FREQ\" value=\"A\"/>"
            + "<g:Value id=\"GEO\" value=\"DE\"/></g:SeriesKey><g:Obs><g:ObsDimension value=\"2022\"/><g:ObsValue value=\"1.5\"/></g:Obs></g:Series></m:DataSet></m:GenericData>"),
        Encoding.UTF8.GetBytes("{\"data\":{\"structure\":{\"dimensions\":{\"series\":[{\"id\":\"FREQ\",\"values\":[{\"id\":\"A\"}]}],\"observation\":[{\"id\":\"TIME_PERIOD\",\"values\":[{\"id\":\"2022\"},{\"id\":\"2023\"}]}]}},"
            + "\"dataSets\":[{\"series\":{\"0\":{\"observations\":{\"0\":[1.5],\"1\":[null]}}}}]}}"),
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,GEO,TIME_PERIOD,OBS_VALUE\ndataflow,X:Y(1.0),I,A,DE,2022,1.5\n"u8.ToArray(),
        Zip(("word/document.xml", "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:tbl><w:tr><w:tc><w:p><w:r><w:t>area</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>2023</w:t></w:r></w:p></w:tc></w:tr>"
            + "<w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>1.5</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>"), ("[Content_Types].xml", "<Types/>")),
        Zip(("a.csv", "area,2022,2023\nx,1,2\n"), ("b/b.csv", "area,2022,2023\ny,1,2\n")),
        .. TableStyles.Families.Values.Select((draw, i) =>
        {
            var office = new Office(new Choices(Choices.Tape((uint)i)));
            draw(office);
            return office.Book.Bytes();
        }),
    ];

    [Fact]
    public void Whatever_is_done_to_a_file_its_check_ends_and_its_account_balances() =>
        Gen.Select(Gen.Int[0, Seeds.Length - 1], Mutation.Some).Sample((seed, mutations) => Check(Mutation.Apply(Seeds[seed], mutations), "r.dat"), iter: 1500);

    [Fact]
    public void Whatever_is_done_to_a_sheet_its_check_ends_and_its_account_balances()
    {
        var families = TableStyles.Families.Values.ToArray();
        Gen.Select(Gen.Int[0, families.Length - 1], Gen.UInt, Gen.UInt.Array[1, 60]).Sample(
            (family, style, tape) =>
            {
                var office = new Office(new Choices(Choices.Tape(style)));
                families[family](office);
                var pick = new Choices(tape);
                foreach (var sheet in office.Book.Sheets)
                    for (var harms = pick.Below(6); harms >= 0; harms--)
                        Disturb(sheet, pick);
                Check(office.Book.Bytes(), office.Book.Name);
            },
            iter: 700);
    }

    /// <summary>What people do to tables without meaning to: rows and columns go, come twice or change places, cells are overwritten, merged or hidden.</summary>
    private static void Disturb(BookSheet sheet, Choices pick)
    {
        var (row, column) = (1 + pick.Below(sheet.LastRow + 1), 1 + pick.Below(sheet.LastColumn + 1));
        var (other, beside) = (1 + pick.Below(sheet.LastRow + 1), 1 + pick.Below(sheet.LastColumn + 1));
        void Move(Func<(int Row, int Column), (int Row, int Column)?> to)
        {
            var cells = sheet.Cells.ToArray();
            sheet.Cells.Clear();
            foreach (var (at, cell) in cells)
                if (to(at) is { } place)
                    sheet.Cells[place] = cell;
        }
        switch (pick.Below(9))
        {
            case 0:
                sheet.Cells[(row, column)] = new BookCell(Encoding.UTF8.GetString(Mutation.Texts[pick.Below(Mutation.Texts.Length)]).Replace("\0", "").Replace("\ufffe", ""));
                break;
            case 1:
                sheet.Cells[(row, column)] = new BookCell((decimal)pick.Between(-3, 2100));
                break;
            case 2:
                Move(at => at.Row == row ? null : at.Row > row ? (at.Row - 1, at.Column) : at);
                break;
            case 3:
                Move(at => at.Column == column ? null : at.Column > column ? (at.Row, at.Column - 1) : at);
                break;
            case 4:
                Move(at => at.Row >= row ? (at.Row + 1, at.Column) : at);
                break;
            case 5:
                Move(at => at.Column >= column ? (at.Row, at.Column + 1) : at);
                break;
            case 6:
                Move(at => at.Row == row ? (other, at.Column) : at.Row == other ? (row, at.Column) : at);
                break;
            case 7:
                foreach (var (at, cell) in sheet.Cells.Where(c => c.Key.Row <= row).ToArray())
                    sheet.Cells[(at.Row + other + 2, at.Column + (pick.Below(4) == 0 ? beside : 0))] = cell;
                break;
            default:
                sheet.Merged.Add(new MergedRange(Math.Min(row, other), Math.Min(column, beside), Math.Max(row, other), Math.Max(column, beside)));
                sheet.HiddenRows.Add(other);
                if (pick.Below(2) == 0)
                    sheet.HiddenColumns.Add(beside);
                break;
        }
    }

    [Fact]
    public void Mutated_real_files_are_read_or_refused()
    {
        static string Setting(string name, string otherwise) => Environment.GetEnvironmentVariable("PIPELINE_FUZZ_" + name) ?? otherwise;
        var (folder, keep) = (Setting("DIR", Path.Combine(Settings.Root, "samples")), Setting("OUT", Path.GetTempPath()));
        var seconds = int.Parse(Setting("SECONDS", "2"), CultureInfo.InvariantCulture);
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length is > 0 and < 8 << 20).Order(StringComparer.Ordinal).ToArray();
        var broken = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var slowest = new List<(TimeSpan Took, string Name, byte[] Bytes)>();
        var random = new PCG(7, (ulong)DateTime.UtcNow.Ticks);
        var watch = Stopwatch.StartNew();
        var tried = 0;
        for (; watch.Elapsed < TimeSpan.FromSeconds(seconds); tried++)
        {
            var file = files[random.Next((uint)files.Length)];
            var (name, bytes, seed) = (Path.GetFileName(file), File.ReadAllBytes(file), random.ToString());
            var mutations = tried < files.Length && random.Next(4) == 0 ? [] : Mutation.Some.Generate(random, null, out _);
            var (started, mutated) = (Environment.CpuUsage.TotalTime, Mutation.Apply(bytes, mutations));
            if (Fault(mutated, name) is { } fault)
            {
                broken[fault] = broken.GetValueOrDefault(fault) + 1;
                if (broken[fault] > 1)
                    continue;
                var fewest = Mutation.Fewest(mutations, fewer => Fault(Mutation.Apply(bytes, fewer), name) == fault);
                var path = Path.Combine(keep, $"{broken.Count:D2}-{name}");
                File.WriteAllBytes(path, Mutation.Apply(bytes, fewest));
                File.WriteAllText(path + ".txt", $"{fault}\n{string.Join('\n', fewest.AsEnumerable())}\n{file}, {seed}\n");
                continue;
            }
            slowest = [.. slowest.Append((Environment.CpuUsage.TotalTime - started, name, mutated)).OrderByDescending(s => s.Item1).Take(5)];
        }
        output.WriteLine($"{tried} mutated files, {broken.Count} kinds of faults. The slowest, kept too:");
        foreach (var (took, name, bytes) in slowest)
        {
            output.WriteLine($"  {took.TotalSeconds:F1} s {name}, {bytes.Length} bytes");
            File.WriteAllBytes(Path.Combine(keep, $"slow-{took.TotalSeconds:F1}-{name}"), bytes);
        }
        broken.Select(b => $"{b.Value} x {b.Key}").ShouldBeEmpty();
    }

    /// <summary>What is wrong with the check of a file: the exception and where it was thrown, or that it did not end; null when nothing is.</summary>
    private static string? Fault(byte[] file, string name)
    {
        Exception? fault = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    Check(file, name);
                }
                catch (Exception e)
                {
                    fault = e;
                }
            },
            1 << 20) // as small as a thread of a server's may be
        { IsBackground = true };
        thread.Start();
        for (var started = Environment.CpuUsage.TotalTime; !thread.Join(TimeSpan.FromSeconds(0.5));)
            if (Environment.CpuUsage.TotalTime - started > Limit)
                return $"no end after {Limit.TotalSeconds} s: {name}";
        return fault is null ? null : $"{fault.GetType().Name}: {fault.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("Pipeline.", StringComparison.Ordinal))?.Trim()} {fault.Message.Split('\n')[0]}";
    }

    private static void Check(byte[] file, string name)
    {
        using (var release = ReleaseCheck.Run(new MemoryStream(file), name, new ReleaseContext("test")))
        {
            release.Reconciliation.IsBalanced.ShouldBeTrue();
            (release.IsPublishable || release.Findings.HasErrors).ShouldBeTrue();
        }
        try
        {
            // Also what is not published: hidden sheets, and tables that understanding gives up on.
            using var read = ReleaseReader.Read(new MemoryStream(file), name);
            foreach (var table in read.Tables)
            {
                using var rows = table.Open();
                while (rows.Read())
                    for (var i = 0; i < rows.Count; i++)
                        _ = rows[i].Text.Length;
            }
        }
        catch (UnreadableReleaseException)
        {
            // A refusal is an answer.
        }
    }
}
