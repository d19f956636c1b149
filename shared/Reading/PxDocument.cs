using System.Text.RegularExpressions;

namespace Pipeline.Reading;

/// <summary>What a piece of a PX keyword's value is.</summary>
public enum PxTokenKind
{
    /// <summary>Text in quotation marks, joined where it goes on over several lines.</summary>
    Text,

    /// <summary>A word without them: <c>YES</c>, <c>2010</c>, <c>TLIST</c>.</summary>
    Word,

    /// <summary>One of <c>, : - ( )</c>.</summary>
    Mark,
}

/// <summary>A piece of a PX keyword's value.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its characters, without quotation marks.</param>
/// <param name="Line">The line it begins in, from 1.</param>
public readonly record struct PxToken(PxTokenKind Kind, string Text, int Line);

/// <summary>A keyword with its value: <c>VALUES[sv]("kön")="män","kvinnor";</c>.</summary>
/// <param name="Keyword">The keyword in capitals.</param>
/// <param name="Language">What stands in square brackets; null for the file's main language.</param>
/// <param name="Keys">What stands in round brackets, one after the other.</param>
/// <param name="Tokens">The value's pieces.</param>
/// <param name="Line">The line it begins in, from 1.</param>
public sealed record PxStatement(string Keyword, string? Language, IReadOnlyList<string> Keys, IReadOnlyList<PxToken> Tokens, int Line)
{
    /// <summary>Where it stands, for a finding.</summary>
    public string Where => PxDocument.LineAt(Line);

    /// <summary>The value as a list, its members separated by commas; empty when it is none.</summary>
    public IReadOnlyList<string> Values { get; } =
        Tokens.Count % 2 == 1 && Tokens.Index().All(t => t.Index % 2 == 0 ? t.Item.Kind != PxTokenKind.Mark : t.Item is { Kind: PxTokenKind.Mark, Text: "," })
            ? [.. Tokens.Where((_, i) => i % 2 == 0).Select(t => t.Text)]
            : [];

    /// <summary>The value when it is a single one; empty otherwise.</summary>
    public string Value => Values.Count == 1 ? Values[0] : "";
}

/// <summary>
/// A PX file (PC-Axis, versions to 2013): its keywords in their order, and its data cells as they stand. What they mean is understanding's work.
/// </summary>
/// <remarks>
/// Lexically more is taken than the specification writes: text may go on over a line's end, a quotation mark in a text may be doubled, and data cells
/// may be separated by any white space, comma or semicolon, as old files do.
/// </remarks>
public sealed partial class PxDocument
{
    private const int MaxTokens = 4_000_000;

    // What a keyword costs in memory besides its values.
    private const int TokensOfKeyword = 8;
    private const int MaxKeys = 1_000;

    // PxWeb refuses a file in which it can not read one of these, and passes over the others.
    private static readonly HashSet<string> Needed = ["STUB", "HEADING", "VALUES", "CODES", "KEYS", "CONTVARIABLE", "LANGUAGE", "LANGUAGES", "UNITS"];

    private readonly string text;
    private readonly List<PxStatement> statements = [];
    private readonly Findings findings;
    private int at;
    private int line = 1;
    private int counted;
    private int tokenCount;

    private PxDocument(string text, Findings findings) => (this.text, this.findings) = (text, findings);

    /// <summary>The keywords before DATA, in the file's order.</summary>
    public IReadOnlyList<PxStatement> Statements => statements;

    /// <summary>The line in which DATA stands, from 1.</summary>
    public int DataLine { get; private set; }

    /// <summary>Where the keyword DATA stands.</summary>
    public Source DataKeyword { get; private set; }

    private int DataStart { get; set; }

    /// <summary>Reads the keywords of a PX file.</summary>
    /// <param name="text">The decoded file, without a byte order mark.</param>
    /// <param name="findings">Takes what is said about keywords that are passed over.</param>
    /// <exception cref="UnreadableReleaseException">It is no PX file, a text has no end, a keyword that is needed can not be read, or DATA is missing.</exception>
    public static PxDocument Read(string text, Findings findings)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(findings);
        var document = new PxDocument(text, findings);
        document.ReadKeywords();
        return document;
    }

    /// <summary>The data cells from the first on.</summary>
    public PxData Data() => new(text, DataStart, DataLine, PlainText.CodePoints(text.AsSpan(0, DataStart)));

    /// <summary>A line's name in a finding.</summary>
    internal static string LineAt(int line) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {line}");

    /// <summary>Whether a text begins as a PX file does.</summary>
    internal static bool Is(string sample) => Start().IsMatch(sample) && Known().IsMatch(sample);

    /// <summary>
    /// The encoding of a file whose bytes are not Unicode, as it declares it: its CODEPAGE; with CHARSET="ANSI" alone the Windows code page of its
    /// LANGUAGE; without CHARSET DOS text, unless the bytes speak for Windows. Null when it is no PX file, or leaves it open.
    /// </summary>
    internal static string? DeclaredEncoding(ViewStream stream)
    {
        var buffer = new byte[Math.Min(1 << 16, stream.Length)];
        stream.Position = 0;
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        var head = System.Text.Encoding.Latin1.GetString(buffer, 0, length);
        if (!Is(head))
            return null;
        if (CodePage().Match(head) is { Success: true } match)
            return EncodingName(match.Groups[1].Value.Trim());
        if (Ansi().IsMatch(head))
        {
            return Language().Match(head).Groups[1].Value.ToLowerInvariant() switch
            {
                "et" or "lv" or "lt" => "windows-1257",
                "pl" or "cs" or "sk" or "hu" or "sl" or "hr" or "bs" or "ro" or "sq" => "windows-1250",
                "ru" or "uk" or "be" or "bg" or "mk" or "kk" or "ky" or "tg" or "mn" => "windows-1251",
                "el" => "windows-1253",
                "tr" or "az" => "windows-1254",
                "he" => "windows-1255",
                "ar" => "windows-1256",
                _ => null,
            };
        }
        int dos = 0, windows = 0;
        foreach (var b in buffer.AsSpan(0, length))
        {
            dos += b is >= 0x80 and <= 0xa5 ? 1 : 0;
            windows += b >= 0xc0 ? 1 : 0;
        }
        return dos > windows ? "ibm850" : null;
    }

    private static string EncodingName(string codePage)
    {
        var digits = codePage.StartsWith("cp", StringComparison.OrdinalIgnoreCase) ? codePage[2..].TrimStart('-', '_') : codePage;
        if (int.TryParse(digits, out var number))
            return number == 866 ? "cp866" : number < 1000 ? "ibm" + digits : "windows-" + digits;
        // Windows programs write their own code page and call it ISO 8859-1; it holds the same letters, and dashes and quotation marks beside them.
        return codePage.ToLowerInvariant() is "iso-8859-1" or "iso8859-1" or "iso_8859-1" or "latin1" or "ansi" or "us-ascii" or "ascii" ? "windows-1252" : codePage;
    }

    private void ReadKeywords()
    {
        while (true)
        {
            Skip();
            if (at == text.Length)
            {
                throw Unreadable.Because("px-data-missing", "The file ends before its data: there is no keyword DATA.", LineAt(Line(at)), "the end of the file",
                    "DATA= and the data cells", "Upload the whole file; the transfer may have been cut off.");
            }
            var start = at;
            var startLine = Line(at);
            var keyword = Keyword(startLine);
            var language = (string?)null;
            var keys = new List<string>();
            var broken = (int?)null;
            Skip();
            if (Take('['))
            {
                var end = text.IndexOf(']', at, Math.Min(40, text.Length - at));
                if (end < 0)
                    throw Malformed(startLine, "the language in square brackets has no end");
                language = text[at..end].Trim().Trim('"');
                at = end + 1;
                Skip();
            }
            if (Take('('))
                broken = ReadKeys(keys);
            Skip();
            if (broken is null && !Take('='))
                broken = at;
            if (broken is null && keyword == "DATA")
            {
                (DataStart, DataLine) = (at, startLine);
                var codePoint = PlainText.CodePoints(text.AsSpan(0, start));
                DataKeyword = Source.Chars(codePoint, codePoint + at - start);
                return;
            }
            var tokens = new List<PxToken>();
            tokenCount += TokensOfKeyword;
            broken ??= ReadValue(tokens);
            if (broken is { } place)
                PassOver(keyword, start, startLine, place);
            else
                statements.Add(new PxStatement(keyword, language, keys, tokens, startLine));
        }
    }

    private string Keyword(int startLine)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '-' or '_' or '.'))
            at++;
        if (at == start || !char.IsAsciiLetter(text[start]))
        {
            var found = text.AsSpan(start, Math.Min(40, text.Length - start));
            throw Unreadable.Because("px-keyword-missing", "A keyword is expected here.", LineAt(startLine), found.ToString(),
                "KEYWORD=value; and at last DATA=", "Check the end of the keyword before: its value ends with a semicolon, and its texts stand in quotation marks.");
        }
        return text[start..at].ToUpperInvariant();
    }

    /// <summary>Reads what stands in round brackets; gives where it can not be read.</summary>
    private int? ReadKeys(List<string> keys)
    {
        while (true)
        {
            Skip();
            if (at == text.Length || keys.Count > MaxKeys)
                return at;
            var start = at;
            if (text[at] == '"')
            {
                if (ReadText() is not { } key)
                    return start;
                keys.Add(key);
            }
            else if (text[at] is not (',' or ')'))
            {
                while (at < text.Length && text[at] is not (',' or ')' or '=' or ';' or '"'))
                    at++;
                keys.Add(text[start..at].Trim());
            }
            Skip();
            if (Take(')'))
                return null;
            if (!Take(','))
                return at;
        }
    }

    /// <summary>Reads a value to its semicolon; gives where it can not be read.</summary>
    private int? ReadValue(List<PxToken> tokens)
    {
        while (true)
        {
            Skip();
            if (at == text.Length)
                return at;
            if (Take(';'))
            {
                Close(tokens);
                return null;
            }
            var start = at;
            var c = text[at];
            var last = tokens.Count > 0 ? tokens[^1] : new PxToken(PxTokenKind.Mark, "", 0);
            if (++tokenCount > MaxTokens)
            {
                throw Unreadable.Because("px-too-large", "There are too many keywords and values before the data.", LineAt(Line(at)), null,
                    $"at most {Unreadable.N(MaxTokens)} values, a keyword counting as {TokensOfKeyword}", "Split the table.");
            }
            if (c == '"')
            {
                var first = Line(at);
                if (ReadText() is not { } value)
                    return start;
                // What follows without a comma is the same text on the next line.
                if (last.Kind == PxTokenKind.Text)
                {
                    continuation.Append(value);
                    tokens[^1] = last with { Text = "" };
                }
                else
                {
                    Close(tokens);
                    continuation.Append(value);
                    tokens.Add(new PxToken(PxTokenKind.Text, "", first));
                }
                continue;
            }
            Close(tokens);
            last = tokens.Count > 0 ? tokens[^1] : last;
            if (c is ',' or ':' or '(' or ')' || (c == '-' && last.Kind == PxTokenKind.Text))
            {
                at++;
                tokens.Add(new PxToken(PxTokenKind.Mark, c.ToString(), Line(start)));
                continue;
            }
            if (last.Kind == PxTokenKind.Text)
                return at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not (',' or ';' or '"' or '(' or ')' or '='))
                at++;
            if (at == start || (at < text.Length && text[at] == '='))
                return start;
            if (last.Kind == PxTokenKind.Word)
                tokens[^1] = last with { Text = last.Text + " " + text[start..at] };
            else
                tokens.Add(new PxToken(PxTokenKind.Word, text[start..at], Line(start)));
        }
    }

    private readonly System.Text.StringBuilder continuation = new();

    // A text of many lines is put together once, so that it costs linear time.
    private void Close(List<PxToken> tokens)
    {
        if (continuation.Length == 0)
            return;
        tokens[^1] = tokens[^1] with { Text = continuation.ToString() };
        continuation.Clear();
    }

    /// <summary>Reads a text in quotation marks; null when it has no end.</summary>
    private string? ReadText()
    {
        var start = ++at;
        var doubled = false;
        while (true)
        {
            var end = text.IndexOf('"', at);
            if (end < 0)
                return null;
            at = end + 1;
            if (at == text.Length || text[at] != '"' || end == start)
            {
                var value = text[start..end];
                if (doubled)
                    value = value.Replace("\"\"", "\"", StringComparison.Ordinal);
                return value.AsSpan().ContainsAny('\r', '\n') ? LineEnds().Replace(value, " ") : value;
            }
            doubled = true;
            at++;
        }
    }

    /// <summary>Goes on behind a keyword that can not be read, or refuses the file where it is needed.</summary>
    private void PassOver(string keyword, int start, int startLine, int place)
    {
        // A text without an end swallows the keywords after it: the end of their lines stands in it.
        foreach (var (open, close) in Texts(start, place))
        {
            if (close < 0 || Ends().IsMatch(text.AsSpan(open, close - open)))
            {
                throw Unreadable.Because("px-text-unterminated", $"The text that begins here, of {keyword}, has no end.", LineAt(Line(open, true)),
                    text.Substring(open, Math.Min(60, text.Length - open)), "a closing quotation mark", "Close the text.");
            }
        }
        if (place == text.Length || Needed.Contains(keyword))
            throw Malformed(Line(place, true), $"the value of {keyword} can not be read" + (place == text.Length ? " to its end" : ""), text.AsSpan(place, Math.Min(40, text.Length - place)).ToString());
        findings.Add(new Finding(Severity.Warning, "px-keyword-unreadable", $"The keyword {keyword} can not be read; nothing that is published needs it.")
        {
            Where = LineAt(startLine),
            Found = text.AsSpan(place, Math.Min(40, text.Length - place)).ToString(),
            Expected = "KEYWORD=\"text\",\"text\";",
            Advice = "Correct the keyword, if its text is meant to be read.",
        });
        continuation.Clear();
        var match = Ends().Match(text, place);
        at = match.Success ? match.Index + 1 : text.Length;
    }

    private IEnumerable<(int Open, int Close)> Texts(int from, int to)
    {
        for (var open = text.IndexOf('"', from); open >= 0 && open <= to && open < text.Length;)
        {
            var close = text.IndexOf('"', open + 1);
            yield return (open, close);
            if (close < 0)
                yield break;
            open = text.IndexOf('"', close + 1);
        }
    }

    private void Skip()
    {
        while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] is '\0' or '\u001a' or '\ufeff'))
            at++;
    }

    private bool Take(char c)
    {
        if (at == text.Length || text[at] != c)
            return false;
        at++;
        return true;
    }

    /// <summary>The line of a place behind the last one asked for; of any place when <paramref name="anew"/> is set.</summary>
    private int Line(int place, bool anew = false)
    {
        if (anew)
            (line, counted) = (1, 0);
        line += PxData.LineEnds(text.AsSpan(counted, place - counted));
        counted = place;
        return line;
    }

    private static UnreadableReleaseException Malformed(int line, string what, string? found = null) => Unreadable.Because(
        "px-keyword-malformed", $"In the PX file {what}.", LineAt(line), found, "KEYWORD[language](\"variable\")=\"text\",\"text\";",
        "Check quotation marks, commas and the semicolon here and in the line before.");

    [GeneratedRegex("""\A(?:\u00ef\u00bb\u00bf|\s)*[A-Za-z][A-Za-z._-]{2,30}\s*(?:\[[^\]\n]{1,20}\]\s*)?(?:\([^)\n]{1,300}\)\s*)?=""")]
    private static partial Regex Start();

    [GeneratedRegex("""^\s*(?:CHARSET|AXIS-VERSION|MATRIX|STUB|HEADING|SUBJECT-CODE|SUBJECT-AREA|CREATION-DATE)\s*(?:\[[^\]\n]{1,20}\]\s*)?=""", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Known();

    [GeneratedRegex("""^\s*LANGUAGE\s*=\s*"?\s*([A-Za-z]{2})\b""", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Language();

    [GeneratedRegex("""^\s*CODEPAGE\s*=\s*"?([^";\r\n]{1,40})"?\s*;""", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex CodePage();

    [GeneratedRegex("""^\s*CHARSET\s*=\s*"?\s*ANSI""", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Ansi();

    [GeneratedRegex(""";[ \t]*(?:\r|\n|\z)""")]
    private static partial Regex Ends();

    [GeneratedRegex("""[ \t]*(?:\r\n?|\n)[ \t]*""")]
    private static partial Regex LineEnds();
}

/// <summary>The data cells of a PX file, one after the other as they stand: numbers, symbols for missing ones, and the keys of a file with KEYS.</summary>
public ref struct PxData
{
    private static readonly System.Buffers.SearchValues<char> Ends = System.Buffers.SearchValues.Create(" \t\r\n,;\"\0\u001a");
    private readonly ReadOnlySpan<char> text;
    private readonly int shift;
    private int at;
    private int line;
    private int pairs;

    internal PxData(ReadOnlySpan<char> text, int start, int line, int codePoints)
    {
        this.text = text;
        (at, this.line, shift) = (start, line, codePoints - start);
    }

    /// <summary>The cell's characters, without quotation marks.</summary>
    public ReadOnlySpan<char> Text { get; private set; }

    /// <summary>Whether they stand in quotation marks.</summary>
    public bool IsQuoted { get; private set; }

    /// <summary>Whether a quotation mark was opened and never closed.</summary>
    public bool IsUnterminated { get; private set; }

    /// <summary>The line the cell stands in, from 1; at the end the last line.</summary>
    public readonly int Line => line;

    /// <summary>The cell's range of code points in the decoded file.</summary>
    public Source Source { get; private set; }

    /// <summary>Goes on to the next cell; false when there is none.</summary>
    public bool Read()
    {
        while (at < text.Length && (text[at] is ' ' or '\t' or '\r' or '\n' or ',' or ';' or '\0' or '\u001a' || char.IsWhiteSpace(text[at])))
        {
            if (text[at] == '\n' || (text[at] == '\r' && (at + 1 == text.Length || text[at + 1] != '\n')))
                line++;
            at++;
        }
        if (at == text.Length)
            return false;
        var start = at;
        var before = pairs;
        IsQuoted = text[at] == '"';
        if (IsQuoted)
        {
            var length = text[(at + 1)..].IndexOf('"');
            IsUnterminated = length < 0;
            Text = IsUnterminated ? text[(at + 1)..] : text.Slice(at + 1, length);
            at = IsUnterminated ? text.Length : at + length + 2;
            pairs += Text.Length - PlainText.CodePoints(Text);
        }
        else
        {
            var length = text[at..].IndexOfAny(Ends);
            Text = length < 0 ? text[at..] : text.Slice(at, length);
            at += Text.Length;
            pairs += Text.Length - PlainText.CodePoints(Text);
        }
        Source = Source.Chars(start + shift - before, at + shift - pairs);
        if (IsQuoted)
            line += IsUnterminated ? 0 : LineEnds(Text);
        return true;
    }

    /// <summary>How many lines end in a text, by CR, LF or both.</summary>
    internal static int LineEnds(ReadOnlySpan<char> text) => text.Count('\n') + text.Count('\r') - text.Count("\r\n");
}
