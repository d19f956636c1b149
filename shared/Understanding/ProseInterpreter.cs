using System.Globalization;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>
/// Turns prose into observations: what its sentences state, each with how sure its reading is, and the registers that the text fills.
/// A figure is a number with a unit in running text; every figure that is not published is set aside with a reason: <c>figure-not-understood</c>,
/// <c>confidence-low</c>, <c>figure-interrupted</c>, <c>figure-in-note</c>, <c>figure-repeated</c>, <c>figure-contradicts</c>, <c>period-unknown</c>, <c>area-unknown</c>. Numbers without a unit, dates, ages, and whatever
/// stands in the page's furniture are no figures. SOURCE runs from the start of the figure's clause to the end of its unit. ACTIVITY is a GB/T 4754-2017
/// section (C) or division (C17), or a group named by its first and last (B_D industry, C17_C18 textiles and apparel); _Z where a sentence names none.
/// </summary>
public static class ProseInterpreter
{
    private const int LongestObsText = 300;
    private const int LongestFound = 60;

    /// <summary>The code of the finding on a figure that was understood, but not surely enough to go out without an official's yes.</summary>
    public const string LowConfidence = "confidence-low";

    /// <inheritdoc cref="Interpreter.Interpret"/>
    public static Interpretation Interpret(ReadRelease release, ReleaseContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(context);
        var blocks = release.Text?.Blocks ?? [];
        var page = ProseFurniture.Read(blocks);
        var headline = context.Title ?? page.Headline;
        // the text's own characters decide: a wrong label must not make a French text English
        var language = ProseContext.LanguageOf(page.Body.Count > 0 ? page.Body : blocks);
        var result = new CubeOfProse(language, headline);
        var cubes = new List<Cube> { result.Cube };
        var interpretation = new Interpretation { Cubes = cubes };
        if (language is null)
        {
            var first = blocks.FirstOrDefault(block => !string.IsNullOrWhiteSpace(block.Text));
            interpretation.Findings.Add(first is null
                ? Missing("The release holds no text.", "nothing but white space", "Check the file and upload it again.")
                : Missing("The text is neither in Chinese nor in English, so no figure in it can be understood.", Start(first.Text),
                    "Upload the Chinese or the English release, or put the figures into a table: tables are read in any language."));
            return interpretation;
        }

        var about = ProseContext.Of(page, headline, language);
        if (about.IsAreaAssumed)
        {
            interpretation.Findings.Add(new Finding(Severity.Information, "area-assumed", "The text names no area; its own area is taken to be the installation's.")
            {
                Expected = "the area's name in the headline",
                Found = about.Area!.Labels.GetValueOrDefault(language, about.Area.Id),
            });
        }
        var statements = new ProseStatements(about);
        var inNotes = false;
        foreach (var block in page.Body)
        {
            inNotes |= ProseFurniture.StartsNotes(block.Text) || (page.Headings.TryGetValue(block, out var above) && ProseFurniture.StartsNotes(above));
            if (page.Headings.TryGetValue(block, out var heading))
                statements.StartSection(heading);
            Read(block, inNotes, statements, result, interpretation, context, cancellationToken);
        }

        var account = interpretation.Reconciliation;
        interpretation.Readings.Add(ProseContext.Describe(page with { Headline = headline }, language, about.Area, account.CellsIn, account.Observations));
        if (interpretation.Unsure > 0 && account.Observations > 0)
            interpretation.Findings.HoldSome(LowConfidence);
        cubes.AddRange(ProseRegisters.Read(page, blocks, language, about.Area, account.Observations > 0, cancellationToken));
        if (account.Observations == 0)
        {
            var missing =
                page.Body.Count == 0 ? Missing("The text has headings, links and captions, but no sentence, and figures are read from sentences only.", Start(blocks[0].Text),
                    "Upload the page with the release's own text, its sentences ending in a full stop, or put the figures into a table.")
                : account.CellsIn == 0 ? Missing("No sentence of the text states a figure: a number with its unit.", Start(page.Body[0].Text),
                    "Write the figure with its unit (5.2%, 12.5万吨) into a sentence, or put the figures into a table.")
                : Missing(account.CellsIn == 1 ? "The one figure in the text's sentences is not understood well enough to be published."
                    : $"None of the {account.CellsIn} figures in the text's sentences is understood well enough to be published.",
                    string.Join(", ", account.SetAside.Select(reason => $"{reason.Value.Count} × {reason.Key}")),
                    "Name area, indicator, period and unit in each sentence (the findings on the figures say what lacks), or put the figures into a table.");
            // the registers that the text fills can be published without it
            interpretation.Findings.Add(cubes.Count > 1 ? missing with { Severity = Severity.Warning } : missing);
        }
        return interpretation;
    }

    private static void Read(TextBlock block, bool isNote, ProseStatements statements, CubeOfProse result, Interpretation interpretation, ReleaseContext context, CancellationToken cancellationToken)
    {
        var account = interpretation.Reconciliation;
        var buffer = new char[Math.Min(block.Text.Length, Clauses.LongestSentence)];
        statements.StartParagraph();
        var wasCut = false;
        for (var start = 0; start < block.Text.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = Clauses.End(block.Text, start, out var cut);
            var from = start;
            var sentence = buffer.AsSpan(0, end - start);
            string? whole = null;
            ProseTerms.Fold(block.Text.AsSpan(from, end - from), sentence);

            void Aside(Token figure, string reason, ProseStatement? statement = null, decimal? known = null)
            {
                account.CellsIn++;
                account.Aside(reason, () => block.Chars(from + figure.From, from + figure.To).ToString());
                var severity = reason == "figure-contradicts" ? Severity.Warning : Severity.Information;
                if (!interpretation.Findings.Keeps(reason))
                {
                    interpretation.Findings.Count(reason, severity);
                    return;
                }
                interpretation.Findings.Add(new Finding(severity, reason, Explain(reason))
                {
                    Where = block.Chars(from + figure.From, from + figure.To).ToString(),
                    Found = block.Text[from..end].Trim(),
                    Expected = known is { } before ? string.Create(CultureInfo.InvariantCulture, $"{before}, as the text says before; {statement!.Describe(result.Cube.Language!)}")
                        : statement is null ? ExpectedFor(reason) : statement.Describe(result.Cube.Language!),
                });
            }

            if (cut || wasCut || isNote)
            {
                foreach (var (a, b) in ProseTokens.Figures(buffer.AsMemory(0, end - start)))
                    Aside(new Token(TokenKind.Figure, a, b), isNote ? "figure-in-note" : "figure-not-understood");
            }
            else
            {
                Clauses.BlankBullet(sentence);
                Clauses.BlankAsides(sentence);
                Clauses.WriteYears(sentence);
                statements.Read(sentence, block.Text.AsSpan(from, end - from), statement =>
                {
                    var isUnsure = statement.Confidence < context.LeastConfidence;
                    var text = end - from > LongestObsText ? block.Text[(from + statement.ClauseFrom)..(from + statement.Figure.To)].Trim() : whole ??= block.Text[from..end].Trim();
                    var source = block.Chars(from + statement.ClauseFrom, from + statement.Figure.To);
                    if (interpretation.Figures.Count < ExtractedFigure.Listed)
                        interpretation.Figures.Add(statement.ToFigure(result.Cube.Language!, source.ToString(), text, isUnsure && !context.AcceptsUnsure));
                    if (isUnsure && !context.AcceptsUnsure)
                    {
                        interpretation.Unsure++;
                        Aside(statement.Figure, LowConfidence, statement);
                        return;
                    }
                    if (!isUnsure && context.OnlyUnsure)
                    {
                        Aside(statement.Figure, "figure-published");
                        return;
                    }
                    if (!result.TryAdd(statement, source, text, out var known))
                    {
                        Aside(statement.Figure, known == statement.Value ? "figure-repeated" : "figure-contradicts", statement, known);
                        return;
                    }
                    account.CellsIn++;
                    account.Observations++;
                }, (figure, reason) => Aside(figure, reason));
            }
            wasCut = cut;
            start = end;
        }
    }

    private static string Explain(string reason) => reason switch
    {
        "period-unknown" => "The figure's period can not be told from its sentence, its paragraph or the release's date.",
        LowConfidence => "What the figure says is understood, but not surely enough to go out without an official's yes.",
        "figure-in-note" => "The figure stands in the text's notes, which define and explain and state no results.",
        "figure-published" => "The figure is published already; only those that an official has said yes to since are left.",
        "figure-repeated" => "The text states the same figure once more.",
        "figure-contradicts" => "The text states two figures for the same thing; the first one is published.",
        "figure-interrupted" => "Other text stands inside the figure, or it has too many digits, so what it says is not sure.",
        "area-unknown" => "The figure's area can not be told from its sentence or the release.",
        _ => "What the figure says is not sure, so it is not published.",
    };

    private static string ExpectedFor(string reason) => reason switch
    {
        "period-unknown" => "a period in the sentence or the paragraph (2023年上半年, June 2023), or a date line to date one without a year",
        "area-unknown" => "an area in the sentence or the headline",
        _ => "a clause that states area, indicator, period, comparison and unit, with one number each",
    };

    private static Finding Missing(string message, string found, string advice) => new(Severity.Error, "figures-missing", message)
    {
        Found = found,
        Expected = "Chinese or English sentences that state figures",
        Advice = advice,
    };

    private static string Start(string text) => text.Trim() is { Length: > LongestFound } longer ? longer[..LongestFound] + "…" : text.Trim();
}
