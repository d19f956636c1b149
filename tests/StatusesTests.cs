using System.Globalization;
using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class StatusesTests
{
    [Theory]
    [InlineData("..", "O")]
    [InlineData("...", "O")]
    [InlineData("…", "O")]
    [InlineData(":", "O")]
    [InlineData("-", "O")]
    [InlineData("—", "O")]
    [InlineData("－", "O")]
    [InlineData("---", "O")]
    [InlineData("/", "O")]
    [InlineData("x", "Q")]
    [InlineData("c", "Q")]
    [InlineData("z", "M")]
    [InlineData("*", "Q")]
    [InlineData("**", "Q")]
    [InlineData("S", "Q")]
    [InlineData("n/a", "O")]
    [InlineData("NA", "O")]
    [InlineData("N/A", "O")]
    [InlineData("NaN", "O")]
    [InlineData("#N/A", "O")]
    [InlineData("[c]", "Q")]
    [InlineData("[x]", "M")]
    [InlineData("[z]", "M")]
    [InlineData("[low]", "N")]
    [InlineData("[u]", "U")]
    [InlineData("u", "U")]
    [InlineData("NReq", "L")]
    [InlineData("NR", "L")]
    [InlineData("nil", "N")]
    [InlineData("not available", "O")]
    [InlineData("暂无", "O")]
    [InlineData("无", "O")]
    [InlineData("空", "O")]
    [InlineData("不详", "O")]
    [InlineData("保密", "Q")]
    [InlineData("(D)", "Q")]
    [InlineData("(X)", "M")]
    [InlineData("(NA)", "O")]
    [InlineData("(S)", "Q")]
    [InlineData("(Z)", "N")]
    [InlineData("np", "Q")]
    [InlineData("IE", "K")]
    public void SignsInPlaceOfAValueSayItsStatus(string text, string id) => (Statuses.OfSymbol(text)?.Id).ShouldBe(id);

    [Theory]
    [InlineData("p")]
    [InlineData("r")]
    [InlineData("n")]
    [InlineData("Norway")]
    [InlineData("5")]
    [InlineData("")]
    public void OtherTextIsNoSign(string text) => Statuses.OfSymbol(text).ShouldBeNull();

    [Theory]
    [InlineData("p", "P")]
    [InlineData("(P)", "P")]
    [InlineData("[b]", "B")]
    [InlineData("(d)", "D")]
    [InlineData("s", "E")]
    [InlineData("（快报）", "P")]
    [InlineData("x", null)]
    public void FlagsBehindAValueSayItsStatus(string flag, string? id) => (Statuses.OfFlag(flag)?.Id).ShouldBe(id);

    [Theory]
    [InlineData("<5", "Q")]
    [InlineData("< 0.1", "N")]
    [InlineData("<1", "N")]
    [InlineData("＜10", "Q")]
    [InlineData(">95%", "Q")]
    [InlineData("≥ 100", "Q")]
    [InlineData("<abc", null)]
    [InlineData("5", null)]
    public void BoundsAreNoNumbers(string text, string? id) => (Statuses.OfBound(text)?.Id).ShouldBe(id);

    [Theory]
    [InlineData("S - Data has been suppressed.", "S", "Q")]
    [InlineData(".. not available", "..", "O")]
    [InlineData("* = Value suppressed to protect confidentiality", "*", "Q")]
    [InlineData("- nil or less than half the unit", "-", "N")]
    [InlineData("- Nil", "-", "N")]
    [InlineData("p = Provisional", "p", "P")]
    [InlineData("p Provisional; r Revised", "zz", null)]
    [InlineData("(p) Provisional", "p", null)]
    [InlineData("(p) Provisional", "(p)", "P")]
    [InlineData("p = Provisional; r = Revised", "r", "A")]
    [InlineData("p = provisional, r = revised, e = estimated", "e", "E")]
    [InlineData("注：“…”表示数据不足本表最小单位数；“空格”表示该项统计指标数据不详或无该项数据；“#”表示其中的主要项。", "…", "N")]
    [InlineData("注：“…”表示数据不足本表最小单位数；“空格”表示该项统计指标数据不详或无该项数据；“#”表示其中的主要项。", "", "O")]
    [InlineData("注：“…”表示数据不足本表最小单位数；“空格”表示该项统计指标数据不详或无该项数据；“#”表示其中的主要项。", "#", null)]
    [InlineData("NA: Not available", "NA", "O")]
    [InlineData("[c] = confidential", "[c]", "Q")]
    [InlineData("[c]\tconfidential", "[c]", "Q")]
    [InlineData("^ less than 0.5", "^", "N")]
    [InlineData("* Less than one-tenth of 1 percent.", "*", "N")]
    [InlineData("^ less than 10 cases", "^", "Q")]
    [InlineData("\"..\" denotes not applicable", "..", "M")]
    [InlineData("Symbols: .. = not available, - = nil", "-", "N")]
    [InlineData("Symbols: .. = not available, - = nil", "..", "O")]
    [InlineData(".. not available   * suppressed   b = break in series", "*", "Q")]
    [InlineData(".. not available   * suppressed   b = break in series", "b", "B")]
    [InlineData("Estimates considered too unreliable are shown as *", "*", "U")]
    [InlineData("Unavailable data are denoted by \"..\".", "..", "O")]
    [InlineData("u: low reliability", "u", "U")]
    [InlineData("Note: data are not available before 2010.", "Note", null)]
    [InlineData("UK: provisional estimates", "UK", null)]
    [InlineData("• Data are provisional", "•", null)]
    [InlineData("1 Data are provisional", "1", null)]
    [InlineData("A provisional estimate was published in May", "A", null)]
    public void NotesSayWhatSignsMean(string note, string sign, string? id) => (Statuses.ReadLegend([note])?.Of(sign)?.Id).ShouldBe(id);

    [Fact]
    public void ALegendMayBeATable()
    {
        var legend = Statuses.ReadLegend(["Symbol", "Meaning", "[c]", "Confidential, less than 5", "-", "Not applicable", "z", "No data"])!;
        (legend.Of("[c]")!.Id, legend.Of("-")!.Id).ShouldBe(("Q", "M"));
        legend.Of("..").ShouldBeNull();
    }

    [Fact]
    public void AnyTextMayBeANote() => Gen.Char["pr.-*:=[]()“”…表示 \t;,not availbe0"].Array[0, 200].Array[0, 5].Sample(lines =>
    {
        foreach (var sign in Statuses.ReadLegend(lines.Select(l => new string(l)))?.Signs.Keys ?? [])
            sign.Length.ShouldBeLessThanOrEqualTo(24, sign.ToString(CultureInfo.InvariantCulture));
    });
}
