using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Checking;
using Pipeline.Local;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The next release is read as the last one was, and what has changed is said with both sides.</summary>
public sealed class ProfileTests
{
    private static readonly string[] Changes = ["table-new", "table-missing", "table-aside", "column-new", "column-missing", "column-moved", "column-renamed", "indicator-renamed", "header-moved", "sheet-renamed",
        "caption-changed", "unit-differs", "unit-unstated", "dimension-ambiguous", "dimensions-unmatched", "column-use-differs", "decimal-mark-differs", "profile-unused", "profile-invalid"];

    public static TheoryData<string> Families => [.. TableStyles.Families.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_profile_of_a_reading_changes_nothing_and_tells_nothing(string family)
    {
        for (var seed = 0u; seed < 12; seed++)
        {
            var office = new Office(new Choices(Choices.Tape(seed)));
            TableStyles.Families[family](office);
            var first = Read(office.Book.Bytes(), office.Book.Name, new ReleaseContext("test"));
            var kept = Profile.Parse(JsonSerializer.SerializeToUtf8Bytes(first.Profile, Json.Options));
            var again = Read(office.Book.Bytes(), office.Book.Name, new ReleaseContext("test") { Profile = kept });
            var told = office.Book + "\n" + Text(kept);
            again.Findings.Select(f => f.Code).ShouldBe(first.Findings.Select(f => f.Code), told);
            again.Lines.ShouldBe(first.Lines, told);
            Text(again.Profile!).ShouldBe(Text(kept), told);
            // A profile written by hand that says what was kept says nothing else either.
            var obeyed = Read(office.Book.Bytes(), office.Book.Name, new ReleaseContext("test") { Profile = kept, OwnProfile = kept });
            obeyed.Lines.ShouldBe(first.Lines, told);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Any_profile_is_followed_or_told_of_and_the_account_stays_even(string family)
    {
        var families = TableStyles.Families.ToList();
        for (var seed = 0u; seed < 6; seed++)
        {
            var (one, other) = (new Office(new Choices(Choices.Tape(seed))), new Office(new Choices(Choices.Tape(seed + 1000))));
            TableStyles.Families[family](one);
            families[(int)((families.FindIndex(f => f.Key == family) + 1 + (seed * 7)) % families.Count)].Value(other);
            var profile = Read(one.Book.Bytes(), one.Book.Name, new ReleaseContext("test")).Profile!;
            var plain = Read(other.Book.Bytes(), other.Book.Name, new ReleaseContext("test"));
            // The same words everywhere: what is meant for one table falls on another.
            var forced = profile with { Tables = [.. profile.Tables.Select(t => new ProfileTable { Columns = t.Columns, Heads = t.Heads, Groups = t.Groups, Unit = t.Unit, DecimalMark = t.DecimalMark })] };
            foreach (var context in new[] { new ReleaseContext("test") { Profile = profile }, new ReleaseContext("test") { Profile = profile, OwnProfile = forced }, new ReleaseContext("test") { OwnProfile = plain.Profile } })
            {
                var read = Read(other.Book.Bytes(), other.Book.Name, context);
                read.Balanced.ShouldBeTrue(one.Book + "\n" + other.Book);
                read.Profile!.Tables.Count.ShouldBeGreaterThanOrEqualTo(plain.Profile!.Tables.Count);
            }
        }
    }

    [Fact]
    public void Columns_are_known_by_their_words_wherever_they_stand() => Gen.Select(Gen.Shuffle(Enumerable.Range(0, 5).ToArray()), Gen.Int[0, 4], Gen.Bool).Sample(
        (shuffled, blanks, isTitled) =>
        {
            // Beside blank columns a table is read as one for people, whose labels stand left of its values.
            int[] order = blanks == 0 ? shuffled : [.. shuffled.OrderBy(c => c >= 2)];
            string[][] columns = [["Country", "France", "Italy", "Spain"], ["Branch", "Farming", "Mining", "Trade"], ["Output (million EUR)", "10", "20", "30"], ["Staff (persons)", "4", "5", "6"], ["Wages (EUR)", "7", "8", "9"]];
            byte[] Csv(int[] order, int blanks, string period) => Encoding.UTF8.GetBytes(
                (isTitled ? $"{new string(',', blanks)}Firms in {period}\n" : "")
                + string.Concat(Enumerable.Range(0, 4).Select(r => new string(',', blanks) + string.Join(',', order.Select(c => columns[c][r]).Append(r == 0 ? "Year" : period)) + "\n")));
            var first = Read(Csv([0, 1, 2, 3, 4], 0, "2023"), "a.csv", new ReleaseContext("test"));
            var next = Read(Csv(order, blanks, "2023"), "b.csv", new ReleaseContext("test") { Profile = first.Profile });
            next.Findings.ShouldNotContain(f => f.Severity == Severity.Error, string.Join('\n', next.Findings));
            Values(next).ShouldBe(Values(first), string.Join(",", order) + Text(first.Profile!));
            var told = next.Findings.Where(f => f.Code == "column-moved").ToList();
            (told.Count == 0).ShouldBe(order.SequenceEqual([0, 1, 2, 3, 4]), string.Join("\n", next.Findings));
            foreach (var finding in told)
                (finding.Found!.StartsWith("column ", StringComparison.Ordinal) && finding.Expected!.StartsWith("column ", StringComparison.Ordinal) && finding.Found != "" && finding.Where is not null).ShouldBeTrue();
            next.Findings.Count(f => Changes.Contains(f.Code) && f.Code is not ("column-moved" or "header-moved")).ShouldBe(0, string.Join("\n", next.Findings));
        }, iter: 60);

    [Fact]
    public void What_has_changed_is_told_with_both_sides()
    {
        const string First = "Exports in March 2023\nUnit: million EUR\nCountry,Ships,Steel\nFrance,10,20\nItaly,30,40\nSpain,50,60\n";
        var first = Csv(First, new ReleaseContext("test"));
        // Another title, one line more above, the unit in other words, a column renamed, one new.
        var next = Csv("Office of figures\n\nExports in April 2023\nUnit: thousand EUR\nCountry,Vessels,Steel,Toys\nFrance,11,21,5\nItaly,31,41,6\nSpain,51,61,7\n",
            new ReleaseContext("test") { Profile = first.Profile });
        next.Findings.ShouldNotContain(f => f.Severity == Severity.Error);
        Told(next, "indicator-renamed").ShouldBe(("'Vessels'", "'Ships'"), Text(first.Profile!));
        One(next, "indicator-renamed").Advice!.ShouldContain("{\"Vessels\": \"SHIPS\"}");
        Told(next, "column-new").Found.ShouldBe("'Toys', values");
        Told(next, "header-moved").ShouldBe(("row 5, column A", "row 3, column A"));
        Told(next, "unit-differs").ShouldBe(("EUR, times 10^3", "EUR, times 10^6"));
        // As the advice says, the new words keep the old code.
        var own = Profile.Parse("{\"codes\": {\"INDICATOR\": {\"Vessels\": \"SHIPS\"}}}"u8);
        var advised = Csv("Exports in April 2023\nUnit: million EUR\nCountry,Vessels,Steel\nFrance,11,21\nItaly,31,41\nSpain,51,61\n", new ReleaseContext("test") { Profile = first.Profile, OwnProfile = own });
        advised.Seen.Select(s => s["INDICATOR"]).Distinct().Order().ShouldBe(["SHIPS", "STEEL"]);
        // And the advice is kept with the dataset.
        var later = Csv("Exports in May 2023\nUnit: million EUR\nCountry,Vessels,Steel\nFrance,11,21\nItaly,31,41\nSpain,51,61\n", new ReleaseContext("test") { Profile = advised.Profile });
        later.Seen.Select(s => s["INDICATOR"]).Distinct().Order().ShouldBe(["SHIPS", "STEEL"]);
        later.Findings.ShouldNotContain(f => Changes.Contains(f.Code));

        var without = Csv("Exports in April 2023\nCountry,Ships\nFrance,11\nItaly,31\nSpain,51\n", new ReleaseContext("test") { Profile = first.Profile });
        One(without, "column-missing").Expected!.ShouldStartWith("'Steel', values");
        One(without, "unit-unstated").Expected.ShouldBe("EUR, times 10^6");
        without.Seen.ShouldAllBe(s => s["UNIT_MEASURE"] == "EUR" && s["UNIT_MULT"] == "6");
    }

    [Fact]
    public void What_a_release_alone_would_suggest_differently_stays_as_it_was()
    {
        var first = Csv("Market;Year;Output\nFrance;2022;1.234,5\nItaly;2022;2.345,5\nSpain;2022;3.456,5\n", new ReleaseContext("test") { OwnProfile = Profile.Parse("""{"tables": [{"columns": [{"words": "Market", "id": "REF_AREA"}]}]}"""u8) });
        first.Seen.ShouldAllBe(s => s["REF_AREA"] != "(none)" && s.Value > 1000);
        const string Next = "Market,Year,Output\nUpper Dale,2023,\"1,234\"\nLower Dale,2023,\"2,345\"\nFrance,2023,\"3,456\"\nOuter Reach,2023,\"4,567\"\n";
        Csv(Next, new ReleaseContext("test")).Seen.ShouldAllBe(s => s["MARKET"] != "(none)" && s.Value > 1000);
        var next = Csv(Next, new ReleaseContext("test") { Profile = first.Profile });
        next.Seen.Count.ShouldBe(4);
        next.Seen.ShouldAllBe(s => s["REF_AREA"] != "(none)" && s.Value < 10, Text(first.Profile!));
        // And the other way about, where semicolons suggest a decimal comma.
        var points = Csv("Market;Year;Output\nFrance;2022;1,234.5\nItaly;2022;2,345.5\n", new ReleaseContext("test"));
        Csv("Market;Year;Output\nFrance;2023;1,234\nItaly;2023;2,345\n", new ReleaseContext("test") { Profile = points.Profile }).Seen.ShouldAllBe(s => s.Value > 1000);
    }

    [Fact]
    public void A_profile_written_by_hand_corrects_a_wrong_reading()
    {
        const string Text = "Code,Rank,Year,Output,Remark\n101,1,2022,10.5,x\n102,2,2022,11.5,y\n103,3,2022,12.5,z\n";
        var wrong = Csv(Text, new ReleaseContext("test"));
        wrong.Seen.Count.ShouldNotBe(3);
        var right = Csv(Text, new ReleaseContext("test")
        {
            OwnProfile = Profile.Parse("""
                {"tables": [{"unit": {"id": "EUR", "multiplier": 3}, "columns": [
                    {"words": "Code", "use": "dimension", "id": "PRODUCT"}, {"words": "Rank", "use": "aside"}, {"words": "Remark", "use": "attribute", "id": "NOTE"}, {"words": "Colour"}]}]}
                """u8),
        });
        right.Seen.Select(s => (s["PRODUCT"], s["NOTE"], s["TIME_PERIOD"], s["UNIT_MEASURE"], s["UNIT_MULT"], s.Value)).ShouldBe(
            [("101", "x", "2022", "EUR", "3", 10.5m), ("102", "y", "2022", "EUR", "3", 11.5m), ("103", "z", "2022", "EUR", "3", 12.5m)]);
        One(right, "profile-unused").Expected.ShouldBe("'Colour'");
        right.Balanced.ShouldBeTrue();
        // The correction is kept: the next release needs no profile by hand, and the column that is not published is not new.
        var next = Csv(Text.Replace("2022", "2023", StringComparison.Ordinal), new ReleaseContext("test") { Profile = right.Profile });
        next.Seen.Select(s => (s["PRODUCT"], s["TIME_PERIOD"], s["UNIT_MULT"])).ShouldBe([("101", "2023", "3"), ("102", "2023", "3"), ("103", "2023", "3")]);
        next.Findings.Where(f => Changes.Contains(f.Code) && f.Code != "unit-unstated").ShouldBeEmpty();
    }

    [Fact]
    public void Tables_keep_their_codes_when_others_come_and_go()
    {
        ReadSheets first = Sheets(null, ("Exports", "Exports in 2022", 10));
        var second = Sheets(first.Profile, ("Imports", "Imports in 2023", 30), ("Exports", "Exports in 2023", 20));
        One(second.Read, "table-new").Found.ShouldBe("Imports in 2023");
        // The table that the dataset began with has no code in TABLE, as the observations before have none.
        second.Read.Seen.Select(s => (s["TABLE"], (int)s.Value!)).Order().ShouldBe([("IMPORTS", 30), ("IMPORTS", 31), ("_Z", 20), ("_Z", 21)]);
        var third = Sheets(second.Profile, ("Imports", "Imports in 2024", 40));
        One(third.Read, "table-missing").Expected!.ShouldContain("Exports");
        third.Read.Seen.ShouldAllBe(s => s["TABLE"] == "IMPORTS");
        // What one release lacks, the next may have again.
        var fourth = Sheets(third.Profile, ("Exports", "Exports in 2025", 50), ("Imports", "Imports in 2025", 60));
        fourth.Read.Findings.ShouldNotContain(f => Changes.Contains(f.Code));
        fourth.Read.Seen.Select(s => s["TABLE"]).Distinct().Order().ShouldBe(["IMPORTS", "_Z"]);
        // Set aside by hand, then without a word.
        var aside = Sheets(fourth.Profile, Profile.Parse("""{"tables": [{"sheet": "Imports", "publish": false}]}"""u8), ("Exports", "Exports in 2026", 50), ("Imports", "Imports in 2026", 60));
        One(aside.Read, "table-aside").Where!.ShouldStartWith("Imports!");
        aside.Read.Seen.ShouldAllBe(s => s["TABLE"] == "_Z");
        var after = Sheets(aside.Profile, ("Exports", "Exports in 2027", 50), ("Imports", "Imports in 2027", 60));
        after.Read.Seen.ShouldAllBe(s => s["TABLE"] == "_Z");
    }

    [Fact]
    public void A_sheet_of_another_year_or_area_is_a_piece_of_the_same_table()
    {
        foreach (var names in new[] { new[] { "2021", "2022", "2023" }, ["France", "Italy", "Spain"] })
        {
            (string, string, int)[] sheets = [.. names.Select((name, i) => (name, "", 10 * i))];
            var first = Sheets(null, sheets[..2]);
            var second = Sheets(first.Profile, sheets);
            second.Read.Findings.Where(f => Changes.Contains(f.Code)).Select(f => f.Code).ShouldBe(["table-new"]);
            Values(second.Read).ShouldBe(Values(Sheets(null, sheets).Read), names[0]);
            second.Read.Seen.ShouldAllBe(s => !s.Codes.ContainsKey("TABLE"));
        }
    }

    [Fact]
    public void Another_table_in_the_place_of_the_old_one_is_not_published()
    {
        var first = Csv("Firms in 2022\nBranch,Output\nFarming,1\nMining,2\nTrade,3\n", new ReleaseContext("test"));
        var next = Csv("Firms in 2023\nSize of firm,Legal form,Output\nSmall,Private,1\nSmall,Public,2\nLarge,Private,3\n", new ReleaseContext("test") { Profile = first.Profile });
        var finding = One(next, "dimensions-unmatched");
        (finding.Severity, finding.Expected).ShouldBe((Severity.Error, "BRANCH"), Text(first.Profile!));
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("[]", "$")]
    [InlineData("null", "null")]
    [InlineData("""{"tables": [null]}""", "$.tables[0]")]
    [InlineData("""{"table": []}""", "table")]
    [InlineData("""{"tables": [{"columns": [{"words": "A", "use": "colour"}]}]}""", "$.tables[0].columns[0].use")]
    [InlineData("""{"tables": [{"columns": [{"words": "A", "id": "OBS_VALUE"}]}]}""", "$.tables[0].columns[0].id")]
    [InlineData("""{"tables": [{"columns": [null]}]}""", "$.tables[0].columns[0]")]
    [InlineData("""{"tables": [{"decimalMark": ";"}]}""", "$.tables[0].decimalMark")]
    [InlineData("""{"tables": [{"dateOrder": "DMY"}]}""", "$.tables[0].dateOrder")]
    [InlineData("""{"tables": [{"unit": {"id": "a b"}}]}""", "$.tables[0].unit")]
    [InlineData("""{"codes": {"INDICATOR": {"A": "b c"}}}""", "$.codes.INDICATOR.A")]
    [InlineData("""{"tables": [{"name": "\ud800"}]}""", "$.tables[0].name")]
    [InlineData("""{"codes": {"\ud800": {}}}""", "$.codes")]
    [InlineData("""{"codes": {"A": {"\ud800": "x"}}}""", "$.codes")]
    [InlineData("""{"\ud800": 1}""", "$")]
    public void A_profile_that_can_not_be_followed_says_where(string json, string where)
    {
        var finding = Should.Throw<Pipeline.UnreadableReleaseException>(() => Profile.Parse(Encoding.UTF8.GetBytes(json))).Finding;
        finding.Code.ShouldBe("profile-invalid");
        (finding.Where + finding.Found).ShouldContain(where);
        finding.Expected.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void The_manual_and_what_is_kept_fit_the_schema()
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Settings.Root, "docs", "profile.schema.json")))!.AsObject();
        var (schema, root) = (new JsonSchema(document), new JsonObject(document.Where(m => m.Key is not ("$schema" or "title" or "$defs")).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))));
        var manual = File.ReadAllText(Path.Combine(Settings.Root, "docs", "profile.md")).ReplaceLineEndings("\n");
        var example = manual.Split("```json\n")[1].Split("```")[0];
        schema.Check(root, JsonNode.Parse(example)).ShouldBeEmpty();
        Profile.Parse(Encoding.UTF8.GetBytes(example)).Tables.Count.ShouldBe(2);
        foreach (var (family, draw) in TableStyles.Families)
        {
            var office = new Office(new Choices(Choices.Tape(99)));
            draw(office);
            schema.Check(root, JsonNode.Parse(Text(Read(office.Book.Bytes(), office.Book.Name, new ReleaseContext("test")).Profile!))).ShouldBeEmpty(family);
        }
        schema.Check(root, JsonNode.Parse("""{"tables": [{"columns": [{"use": "value"}], "publish": 1}], "unit": "EUR"}""")).Count.ShouldBeGreaterThan(2);
        // The API describes the same, and every finding is explained.
        var served = File.ReadAllText(Path.Combine(Settings.Root, "shared", "Serving", "openapi.json"));
        var schemas = JsonNode.Parse(served.Replace("#/components/schemas/ProfileTable", "#/$defs/table", StringComparison.Ordinal).Replace("#/components/schemas/ProfileColumn", "#/$defs/column", StringComparison.Ordinal)
            .Replace("#/components/schemas/ProfileUnit", "#/$defs/unit", StringComparison.Ordinal))!["components"]!["schemas"]!;
        JsonNode.DeepEquals(schemas["Profile"], root).ShouldBeTrue();
        foreach (var (name, definition) in new[] { ("ProfileTable", "table"), ("ProfileColumn", "column"), ("ProfileUnit", "unit") })
            JsonNode.DeepEquals(schemas[name], document["$defs"]![definition]).ShouldBeTrue(name);
        Changes.Where(code => !manual.Contains($"`{code}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_second_month_is_read_by_the_profile_of_the_first()
    {
        await using var served = await Served.StartWholeAsync();
        Task<JsonObject> Put(string file, params (string Sheet, string Title, int Figure)[] sheets) => served.UploadAsync("trade/" + file, BookOf(sheets).Bytes());
        string[] Codes(JsonObject report) => [.. report["findings"]!.AsArray().Select(f => (string)f!["code"]!).Where(Changes.Contains).Distinct().Order(StringComparer.Ordinal)];

        var first = await Put("2022.xlsx", ("Exports", "Exports in 2022", 10));
        ((string)first["state"]!, Codes(first).Length).ShouldBe(("published", 0), first.ToJsonString());
        var kept = await served.JsonAsync("/v1/datasets/trade/profile");
        ((string)kept["tables"]![0]!["sheet"]!, (string)kept["tables"]![0]!["columns"]![0]!["id"]!).ShouldBe(("Exports", "REF_AREA"));

        var second = await Put("2023.xlsx", ("Imports", "Imports in 2023", 30), ("Exports", "Exports in 2023", 20));
        ((string)second["state"]!, string.Join(",", Codes(second))).ShouldBe(("published", "table-new"), second.ToJsonString());
        // One series from the first month to the second.
        var series = (await served.JsonAsync("/v1/datasets/trade/data?TABLE=_Z&REF_AREA=FR&format=json"))["observations"]!.AsArray();
        string.Join(",", series.Select(o => $"{o!["TIME_PERIOD"]}={o["OBS_VALUE"]}")).ShouldBe("2022=10,2023=20", (await served.JsonAsync("/v1/datasets/trade/data?format=json")).ToJsonString());

        // What a third month would be told is told beforehand.
        using var asked = await served.Client.PostAsync("/v1/releases/check?file=2024.xlsx&dataset=trade", new ByteArrayContent(BookOf(("Exports", "Exports in 2024", 50)).Bytes()));
        (await asked.Content.ReadFromJsonAsync<JsonObject>())!["findings"]!.AsArray().Select(f => (string)f!["code"]!).ShouldBe(["table-missing"]);

        // An official's own wins, is refused where it can not be followed, and is no release.
        using var refused = await served.Client.PutAsync("/v1/releases/trade/profile.json", new StringContent("""{"tables": [{"colour": 1}]}"""));
        ((int)refused.StatusCode, (string)(await refused.Content.ReadFromJsonAsync<JsonObject>())!["code"]!).ShouldBe((400, "invalid-profile"));
        using var stored = await served.Client.PutAsync("/v1/releases/trade/profile.json", new StringContent("""{"tables": [{"sheet": "Imports", "publish": false}]}"""));
        stored.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        var folder = Directory.CreateTempSubdirectory("pipeline-profile-");
        try
        {
            var file = Path.Combine(folder.FullName, "profile.json");
            await File.WriteAllTextAsync(file, """{"tables": [{"sheet": "Imports", "publish": false}]}""", TestContext.Current.CancellationToken);
            var (output, error) = (new StringWriter(), new StringWriter());
            string[] upload = ["upload", file, "--to", $"{served.Host.Host.Address}", "--key", LocalHost.Key];
            (await CommandLine.RunAsync(upload, output, error)).ShouldBe(1);
            error.ToString().ShouldContain("--dataset");
            (await CommandLine.RunAsync([.. upload, "--dataset", "trade"], output, error)).ShouldBe(0, error.ToString());
            output.ToString().ShouldContain("stored as the profile of trade");
        }
        finally
        {
            folder.Delete(true);
        }
        (await served.Host.Host.Services.GetRequiredService<Publishing.Ingestion>().RunAsync("trade/profile.json")).ShouldBeNull();
        var third = await Put("2024.xlsx", ("Imports", "Imports in 2024", 40), ("Exports", "Exports in 2024", 50));
        ((string)third["state"]!, string.Join(",", Codes(third)), (int)third["reconciliation"]!["observations"]!).ShouldBe(("published", "table-aside", 2), third.ToJsonString());
        ((bool)(await served.JsonAsync("/v1/datasets/trade/profile"))["tables"]!.AsArray().Single(t => (string?)t!["sheet"] == "Imports")!["publish"]!).ShouldBeFalse();
        // Each version has the profile that it was read by.
        (await served.JsonAsync("/v1/datasets/trade/profile?version=1"))["tables"]!.AsArray().Count.ShouldBe(1);
        (await served.JsonAsync("/v1/releases?dataset=trade"))["releases"]!.AsArray().Count.ShouldBe(3);

        // What breaks the meaning is not published.
        var book = new Book();
        var sheet = book.Add("Exports");
        foreach (var (row, cells) in new[] { (1, "Exports in 2025"), (3, "Size of firm|Legal form|Value (EUR)"), (4, "Small|Private|1"), (5, "Small|Public|2"), (6, "Large|Private|3") })
            foreach (var (column, cell) in cells.Split('|').Index())
                sheet.Put(row, column + 1, decimal.TryParse(cell, out var number) ? number : cell);
        var other = await served.UploadAsync("trade/2025.xlsx", book.Bytes());
        ((string)other["state"]!, Codes(other).Contains("dimensions-unmatched")).ShouldBe(("rejected", true), other.ToJsonString());
    }

    private sealed record ReadBack(Profile? Profile, IReadOnlyList<Finding> Findings, List<Seen> Seen, bool Balanced)
    {
        public List<string> Lines => Seen.ConvertAll(s => $"{s.Source}: {s.Value} {string.Join(' ', s.Codes.Select(c => c.Key + "=" + c.Value.Id))}");
    }

    private sealed record ReadSheets(ReadBack Read)
    {
        public Profile Profile => Read.Profile!;
    }

    private static ReadBack Read(byte[] bytes, string name, ReleaseContext context)
    {
        using var release = ReleaseCheck.Run(new MemoryStream(bytes), name, context, cancellationToken: TestContext.Current.CancellationToken);
        return new ReadBack(release.Profile, release.Findings.Kept, Tests.Seen.All(release.Cubes.Select(c => c.Cube)), release.Reconciliation.IsBalanced);
    }

    private static ReadBack Csv(string text, ReleaseContext context) => Read(Encoding.UTF8.GetBytes(text), "a.csv", context);

    private static ReadSheets Sheets(Profile? kept, params (string Sheet, string Title, int Figure)[] sheets) => Sheets(kept, null, sheets);

    private static ReadSheets Sheets(Profile? kept, Profile? own, params (string Sheet, string Title, int Figure)[] sheets)
    {
        var book = BookOf(sheets);
        return new ReadSheets(Read(book.Bytes(), book.Name, new ReleaseContext("test") { Profile = kept, OwnProfile = own }));
    }

    private static Book BookOf(params (string Sheet, string Title, int Figure)[] sheets)
    {
        var book = new Book();
        foreach (var (name, title, figure) in sheets)
        {
            var sheet = book.Add(name);
            sheet.Put(1, 1, title);
            sheet.Put(3, 1, title.Length == 0 ? "Branch" : "Country");
            sheet.Put(3, 2, "Value (EUR)");
            sheet.Put(4, 1, title.Length == 0 ? "Farming" : "France");
            sheet.Put(4, 2, (decimal)figure);
            sheet.Put(5, 1, title.Length == 0 ? "Mining" : "Italy");
            sheet.Put(5, 2, (decimal)figure + 1);
        }
        return book;
    }

    private static List<string> Values(ReadBack read) => [.. read.Seen.Select(s => s.Value + " " + string.Join(' ', s.Codes.Where(c => c.Key != "TITLE_COMPL").OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Key + "=" + c.Value.Id))).Order(StringComparer.Ordinal)];

    private static Finding One(ReadBack read, string code) => read.Findings.Where(f => f.Code == code).ShouldHaveSingleItem(string.Join("\n", read.Findings) + Text(read.Profile!));

    private static (string? Found, string? Expected) Told(ReadBack read, string code) => (One(read, code).Found, One(read, code).Expected);

    private static string Text(Profile profile) => JsonSerializer.Serialize(profile, Json.Options);
}
