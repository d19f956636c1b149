using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class AgesTests
{
    [Theory]
    [InlineData("15-24", "Y15T24")]
    [InlineData("15 - 24", "Y15T24")]
    [InlineData("15–24岁", "Y15T24")]
    [InlineData("15至24岁", "Y15T24")]
    [InlineData("15～24周岁", "Y15T24")]
    [InlineData("Aged 15 to 24", "Y15T24")]
    [InlineData("15-24 years", "Y15T24")]
    [InlineData("Ages 15-24", "Y15T24")]
    [InlineData("15 and under 25", "Y15T24")]
    [InlineData("0 a 4", "Y0T4")]
    [InlineData("0 a 4 años", "Y0T4")]
    [InlineData("01-04", "Y1T4")]
    [InlineData("85+", "Y_GE85")]
    [InlineData("85 +", "Y_GE85")]
    [InlineData("85 and over", "Y_GE85")]
    [InlineData("85 years and over", "Y_GE85")]
    [InlineData("85 or older", "Y_GE85")]
    [InlineData("Aged 85 & above", "Y_GE85")]
    [InlineData("65岁及以上", "Y_GE65")]
    [InlineData("65岁以上", "Y_GE65")]
    [InlineData("≥65", "Y_GE65")]
    [InlineData(">=65", "Y_GE65")]
    [InlineData("over 65", "Y_GT65")]
    [InlineData("<15", "Y_LT15")]
    [InlineData("under 1", "Y_LT1")]
    [InlineData("Under 1 year", "Y_LT1")]
    [InlineData("Less than 1 year", "Y_LT1")]
    [InlineData("不满1岁", "Y_LT1")]
    [InlineData("15岁以下", "Y_LT15")]
    [InlineData("15岁及以下", "Y_LE15")]
    [InlineData("15 and under", "Y_LE15")]
    [InlineData("up to 15", "Y_LE15")]
    [InlineData("15", "Y15")]
    [InlineData("15岁", "Y15")]
    [InlineData("１５", "Y15")]
    [InlineData("0", "Y0")]
    [InlineData("100+", "Y_GE100")]
    [InlineData("1-11 months", "M1T11")]
    [InlineData("0-6 days", "D0T6")]
    [InlineData("All ages", "_T")]
    [InlineData("合计", "_T")]
    [InlineData("Not stated", "_U")]
    public void ReadsAges(string text, string code)
    {
        Ages.TryParse(text, out var read).ShouldBeTrue();
        read.ShouldBe(code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2015")]
    [InlineData("15-24-30")]
    [InlineData("24-15")]
    [InlineData("150+")]
    [InlineData("Y15T24")]
    [InlineData("Males 15-24")]
    [InlineData("15.5")]
    [InlineData("years")]
    [InlineData("-15")]
    [InlineData("Children")]
    public void OtherTextIsNoAge(string text) => Ages.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void EveryFormReadsBack() => Gen.Select(Gen.Int[0, 60], Gen.Int[1, 60], Gen.Int[0, 12]).Sample((from, more, form) =>
    {
        var to = from + more;
        var (text, code) = form switch
        {
            0 => ($"{from}-{to}", $"Y{from}T{to}"),
            1 => ($"{from} to {to}", $"Y{from}T{to}"),
            2 => ($"{from}—{to}岁", $"Y{from}T{to}"),
            3 => ($"Aged {from}–{to}", $"Y{from}T{to}"),
            4 => ($"{from} years", $"Y{from}"),
            5 => ($"{from}岁", $"Y{from}"),
            6 => ($"{from}+", $"Y_GE{from}"),
            7 => ($"{from} and over", $"Y_GE{from}"),
            8 => ($"{from}岁及以上", $"Y_GE{from}"),
            9 => ($"under {to}", $"Y_LT{to}"),
            10 => ($"<{to}", $"Y_LT{to}"),
            11 => ($"{to}岁以下", $"Y_LT{to}"),
            _ => ($"{to} and under", $"Y_LE{to}"),
        };
        Ages.TryParse(text, out var read).ShouldBeTrue(text);
        read.ShouldBe(code, text);
        // Years are of 360 days, so an age is in its range and the next is not.
        Ages.TryRange(read, out var range).ShouldBeTrue(read);
        (int From, int To) years = (range.From / 360, range.To == int.MaxValue ? int.MaxValue : range.To / 360);
        years.ShouldBe(form switch { < 4 => (from, to + 1), < 6 => (from, from + 1), < 9 => (from, int.MaxValue), < 12 => (0, to), _ => (0, to + 1) }, read);
    });

    [Fact]
    public void AnyTextIsAnAgeOrNot() => Gen.Char["0123456789-+<>= 岁以上下及toandunerv"].Array[0, 50].Select(c => new string(c)).Sample(text =>
    {
        if (Ages.TryParse(text, out var code))
        {
            code.ShouldMatch("^([YMDW](_(LT|LE|GE|GT))?[0-9]+(T[0-9]+)?|_T|_U)$");
            // Nobody is under nought.
            Ages.TryRange(code, out var range).ShouldBe(code[0] != '_' && !code.EndsWith("LT0", StringComparison.Ordinal), code);
        }
        Ages.TryRange(text, out _);
    });
}
