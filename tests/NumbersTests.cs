using System.Globalization;
using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class NumbersTests
{
    private static readonly Gen<decimal> Decimals = Gen.Select(Gen.Long, Gen.Int[0, 12], Gen.Bool)
        .Select((digits, scale, isNegative) => new decimal((int)digits, (int)(digits >> 32) & int.MaxValue, 0, isNegative && digits != 0, (byte)scale));

    [Fact]
    public void EveryStyleReadsBackExactly() => Gen.Select(Decimals, Gen.Int[0, 9]).Sample((value, style) =>
    {
        var (text, comma) = Write(value, style);
        Numbers.TryParse(text, comma, out var number).ShouldBeTrue(text);
        number.Value.ShouldBe(value, text);
        number.Value.Scale.ShouldBe(value.Scale, text);
        number.Flag.Length.ShouldBe(0);
    });

    /// <summary>Writes a number as an office might.</summary>
    internal static (string Text, bool Comma) Write(decimal value, int style)
    {
        var plain = value.ToString("F" + value.Scale, CultureInfo.InvariantCulture);
        var grouped = value.ToString("N" + value.Scale, CultureInfo.InvariantCulture);
        var digits = plain.TrimStart('-');
        return style switch
        {
            0 => (plain, false),
            1 => (grouped, false),
            2 => (grouped.Replace(',', ' '), false),
            3 => (grouped.Replace(',', '\'').Replace('.', ','), true),
            4 => (grouped.Replace(',', '_').Replace('.', ',').Replace('_', '.'), true),
            5 => (grouped.Replace(',', '\u202f').Replace('.', ','), true),
            6 => (value < 0 ? $"({digits})" : "+" + digits, false),
            7 => (value < 0 ? digits + "-" : digits, false),
            8 => (string.Concat(plain.Select(c => (char)(c + 0xFEE0))), false),
            _ => (value < 0 ? "−" + digits : "  " + digits + "\u00a0", false),
        };
    }

    [Theory]
    [InlineData("5.20", "5.20")]
    [InlineData("0.5", "0.5")]
    [InlineData("-0.0", "0.0")]
    [InlineData("1.2E+05", "120000")]
    [InlineData("1.5e-3", "0.0015")]
    [InlineData("£1,234.50", "1234.50")]
    [InlineData("-£3", "-3")]
    [InlineData("3 €", "3")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    public void Reads(string text, string value)
    {
        Numbers.TryParse(text, false, out var number).ShouldBeTrue();
        number.Value.ToString(CultureInfo.InvariantCulture).ShouldBe(value);
    }

    [Theory]
    [InlineData("123.4r", "123.4", "r")]
    [InlineData("5.2p", "5.2", "p")]
    [InlineData("5.2 (p)", "5.2", "(p)")]
    [InlineData("12[3]", "12", "[3]")]
    [InlineData("1,234†", "1234", "†")]
    [InlineData("7³", "7", "³")]
    [InlineData("12.3 p", "12.3", "p")]
    [InlineData("123 (p)", "123", "(p)")]
    [InlineData("123*", "123", "*")]
    [InlineData("12.3 †", "12.3", "†")]
    [InlineData("123⁴", "123", "⁴")]
    [InlineData("123 (est.)", "123", "(est.)")]
    [InlineData("123 a)", "123", "a)")]
    [InlineData("5.2% (r)", "5.2", "(r)")]
    public void SplitsFlagsOff(string text, string value, string flag)
    {
        Numbers.TryParse(text, false, out var number).ShouldBeTrue();
        number.Value.ToString(CultureInfo.InvariantCulture).ShouldBe(value);
        number.Flag.ToString().ShouldBe(flag);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("..")]
    [InlineData("1,23")]
    [InlineData("12,34,567")]
    [InlineData("1.2.3")]
    [InlineData("5万")]
    [InlineData("12345678901234567890123456789")]
    [InlineData("1E400")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("2023-06")]
    [InlineData("(5")]
    [InlineData("10 - 20")]
    [InlineData("1e")]
    [InlineData("<5")]
    [InlineData("< 0.1")]
    [InlineData("12.3 (4.5)")]
    [InlineData("△")]
    public void RefusesWhatIsNoNumber(string text) =>
        (Numbers.TryParse(text, false, out var number) && number.Flag.Length == 0).ShouldBeFalse();

    [Theory]
    [InlineData("5.2%")]
    [InlineData("5.2 %")]
    [InlineData("５.２％")]
    public void KeepsPerCentAsShown(string text)
    {
        Numbers.TryParse(text, false, out var number).ShouldBeTrue();
        (number.Value, number.Percent).ShouldBe((5.2m, true));
    }

    [Theory]
    [InlineData(0.052, "0.0%", "5.2", true)]
    [InlineData(0.05, "0.0%", "5.0", true)]
    [InlineData(5.2, "0.00", "5.20", false)]
    [InlineData(5.25, "0.0", "5.25", false)]
    [InlineData(0.1, null, "0.1", false)]
    [InlineData(1e15, "General", "1000000000000000", false)]
    [InlineData(5, "#,##0.0_);[Red]\\(#,##0.0\\)", "5.0", false)]
    [InlineData(-5, "#,##0.0_);[Red]\\(#,##0.00\\)", "-5.00", false)]
    [InlineData(5.2, "0.0\"%\"", "5.2", true)]
    [InlineData(5.2, "0.0\\%", "5.2", true)]
    [InlineData(5.2, "#,##0.00\" per cent\"", "5.20", false)]
    [InlineData(120000, "0.00E+00", "120000", false)]
    [InlineData(0, "_-* #,##0.00_-;\\-* #,##0.00_-;_-* \"-\"??_-;_-@_-", "0.00", false)]
    [InlineData(1234.5, "_-* #,##0.00_-;\\-* #,##0.00_-;_-* \"-\"??_-;_-@_-", "1234.50", false)]
    [InlineData(7, "General", "7", false)]
    [InlineData(7, "\"Grade \"0", "7", false)]
    [InlineData(7, ";;;", "7", false)]
    [InlineData(7, "", "7", false)]
    public void TakesStoredNumbersAsDisplayed(double stored, string? format, string value, bool percent)
    {
        Numbers.TryExact(stored, format, out var exact, out var shown).ShouldBeTrue();
        exact.ToString(CultureInfo.InvariantCulture).ShouldBe(value);
        shown.Percent.ShouldBe(percent);
    }

    [Theory]
    [InlineData(1234567, "#,##0,", "1234.567", 3)]
    [InlineData(1234567, "#,##0.0,,", "1.234567", 6)]
    [InlineData(1234567, "#,##0,.0", "1234.567", 3)]
    [InlineData(1200000, "0.0,,", "1.2", 6)]
    [InlineData(1000000, "0.0,,", "1.0", 6)]
    [InlineData(1234567, "#,##0", "1234567", 0)]
    [InlineData(-2500, "0.0,;(0.0,)", "-2.5", 3)]
    [InlineData(2500000, "[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0", "2.5", 6)]
    [InlineData(2500, "[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0", "2.5", 3)]
    [InlineData(25, "[>=1000000]0.0,,\"M\";[>=1000]0.0,\"K\";0", "25", 0)]
    public void TakesTheScaleOfNumberFormats(double stored, string format, string value, int power)
    {
        Numbers.TryExact(stored, format, out var exact, out var shown).ShouldBeTrue();
        (exact.ToString(CultureInfo.InvariantCulture), shown.Power).ShouldBe((value, power));
    }

    [Theory]
    [InlineData("[$£-809]#,##0.00", "£", 2)]
    [InlineData("\"$\"#,##0", "$", 0)]
    [InlineData("#,##0.0\\ [$€-407]", "€", 1)]
    [InlineData("[$-409]0.0", null, 1)]
    [InlineData("[$CHF] 0.00", "CHF", 2)]
    [InlineData("￥#,##0.00", "￥", 2)]
    public void FindsTheCurrencyOfNumberFormats(string format, string? currency, int decimals)
    {
        Numbers.TryExact(1, format, out var value, out var shown).ShouldBeTrue();
        (shown.Currency, shown.Decimals, (int)value.Scale).ShouldBe((currency, decimals, decimals));
    }

    [Fact]
    public void TakesAnyNumberFormat() => Gen.Select(Gen.Char["#0?.,;%\"\\[]$-_*E+<>=£ G"].Array[0, 40], Gen.Double[-1e9, 1e9]).Sample((format, stored) =>
    {
        if (!Numbers.TryExact(stored, new string(format), out var value, out var shown))
            return;
        // the value * times what the format divides by is what is stored
        var times = (decimal)Math.Pow(10, shown.Power);
        var digits = decimal.Parse(stored.ToString(stored == Math.Floor(stored) ? "R" : "G15", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);
        (value * times).ShouldBeOneOf(digits, digits * 100, decimal.Round(digits * 100, Math.Min(shown.Decimals, 28), MidpointRounding.AwayFromZero));
    });

    [Theory]
    [InlineData("△1.2", "-1.2")]
    [InlineData("▲1.2", "-1.2")]
    [InlineData("‑1.2", "-1.2")]
    [InlineData("–1.2", "-1.2")]
    [InlineData("(1.2)", "-1.2")]
    [InlineData("（1.2）", "-1.2")]
    [InlineData("1.2-", "-1.2")]
    [InlineData("١٢٣٫٥", "123.5")]
    [InlineData("۱۲۳", "123")]
    [InlineData("1'234.5", "1234.5")]
    [InlineData("±345", "345")]
    [InlineData("+/-1,345", "1345")]
    [InlineData("1\u202f234.5", "1234.5")]
    public void ReadsMoreSigns(string text, string value)
    {
        Numbers.TryParse(text, false, out var number).ShouldBeTrue();
        number.Value.ToString(CultureInfo.InvariantCulture).ShouldBe(value);
    }

    [Fact]
    public void StoredNumbersAreTheShortestThatReadBackInFifteenDigits() => Gen.Double[-1e12, 1e12].Sample(stored =>
    {
        if (Math.Abs(stored) < 1e-9)
            return;
        Numbers.TryExact(stored, null, out var exact, out _).ShouldBeTrue();
        double.Parse(exact.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ShouldBe(double.Parse(stored.ToString("G15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
    });

    // What people type has at most fifteen digits, and comes back as it was typed.
    [Fact]
    public void TypedNumbersComeBackWhateverFormulasAddedToThem() => Gen.Select(Gen.Long[-999_999_999, 999_999_999], Gen.Int[0, 5]).Sample((digits, decimals) =>
    {
        var typed = new decimal(digits) / (decimal)Math.Pow(10, decimals);
        Numbers.TryExact((double)typed, null, out var exact, out _).ShouldBeTrue();
        exact.ShouldBe(typed);
        Numbers.TryExact((double)typed + 0.1 + 0.2 - 0.3, null, out exact, out _).ShouldBeTrue();
        if (Math.Abs(typed) >= 1)
            exact.ShouldBe(typed);
    });

    [Fact]
    public void WholeNumbersKeepAllTheirDigits()
    {
        Numbers.TryExact(9007199254740991, "0", out var exact, out _).ShouldBeTrue();
        exact.ShouldBe(9007199254740991m);
        Numbers.TryExact(-2.6999999999999993, "General", out exact, out _).ShouldBeTrue();
        exact.ShouldBe(-2.7m);
    }

    [Theory]
    [InlineData("1,5", 1)]
    [InlineData("1.234,5", 1)]
    [InlineData("1.234.567", 1)]
    [InlineData("0,123", 1)]
    [InlineData("1,234", 0)]
    [InlineData("1.234", 0)]
    [InlineData("1.5", -1)]
    [InlineData("1,234,567", -1)]
    [InlineData("12", 0)]
    public void WeighsTheDecimalMark(string text, int evidence) => Numbers.CommaEvidence(text).ShouldBe(evidence);
}
