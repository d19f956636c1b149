using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <content>The columns that a row is read by.</content>
internal sealed partial class TableStream
{
    /// <summary>A column of values.</summary>
    private sealed class ValueColumn
    {
        public required int Index { get; init; }

        public required bool Comma { get; init; }

        public required int Unit { get; init; }

        public required int Mult { get; init; }

        /// <summary>Whether the header itself says that the values are parts or changes.</summary>
        public required bool IsRate { get; init; }

        public required int Time { get; init; }

        public required int Freq { get; init; }

        /// <summary>The column of the flags beside the values; -1 when there is none.</summary>
        public required int Flag { get; init; }

        public required int Indicator { get; init; }

        /// <summary>The codes that a header of several levels gives, by component.</summary>
        public List<(int At, int Code)> Coordinates { get; } = [];

        /// <summary>The number of such a header's words, and of what it says of the period.</summary>
        public int Title { get; set; }

        /// <inheritdoc cref="Title"/>
        public int Period { get; set; }
    }

    /// <summary>A column of codes.</summary>
    private sealed class CodedColumn
    {
        private readonly Dictionary<int, string> labels = [];

        public required int Index { get; init; }

        public required ColumnUse Use { get; init; }

        public required int LabelIndex { get; init; }

        public int At { get; set; }

        public bool IsIndicator { get; set; }

        public TextCache Cache { get; set; } = null!;

        /// <summary>For an indicator with its unit in brackets: the code's number and the unit's.</summary>
        public List<(int Code, int Unit)> Split { get; } = [];

        /// <summary>The label of each code, by the code's number.</summary>
        public IReadOnlyDictionary<int, string> LabelOf => labels;

        /// <summary>Whether the label beside a code is the one that the code had before.</summary>
        public bool Agrees(int number, in Cell label, Span<char> buffer)
        {
            var text = CellText.Of(label, buffer).Trim();
            if (labels.TryGetValue(number, out var known))
                return text.SequenceEqual(known);
            labels.Add(number, new string(text));
            return true;
        }
    }

    /// <summary>The finding for dates of which none tells their order.</summary>
    public static Finding Undecided(string where, string found, bool monthFirst, bool canBeStated = true) => new(Severity.Warning, "date-order-ambiguous",
        Periods.TryParse(found, out var period, monthFirst) ? $"No date here tells whether the day or the month comes first: the {(monthFirst ? "month" : "day")} was taken, and {found} for {period.Id}." : "No date here tells whether the day or the month comes first.")
    {
        Where = where,
        Found = found,
        Expected = "dates with the year first, 2023-04-03, or of which one at least tells: 14/04/2023",
        Advice = canBeStated ? $"If the {(monthFirst ? "day" : "month")} comes first, say so in profile.json: \"dateOrder\": \"{(monthFirst ? "day-first" : "month-first")}\"; else say the opposite, and this is not asked again."
            : "If the month comes first, write the dates with the year first.",
    };

    /// <summary>Says so where the first days of quarters were taken for the quarters.</summary>
    private void TellQuarters(int column, DateStep step)
    {
        if (step != DateStep.Quarter || layout.Column(column)!.Profile.Texts.First() is not { } first || !Periods.TryParse(first, out var day) || !day.Id.EndsWith("-01", StringComparison.Ordinal))
            return;
        result.Findings.Add(new Finding(Severity.Information, "dates-as-quarters", $"The dates are the first days of quarters and were taken for the quarters: {first} is {LayoutFinder.Coarsen(day, step)?.Id}.")
        {
            Where = table.Where(layout.FirstDataRow, column + 1),
            Found = first,
            Expected = "quarters as 2023-Q2, months as 2023-04, days with others between them",
            Advice = "If months are meant, write them as 2023-04.",
        });
    }

    /// <summary>Says so, once a text, where it is not sure which month a text such as <c>2023.1</c> means.</summary>
    private void Doubt(DottedPeriods dotted, string text, Period period, int row, int column)
    {
        if (dotted.DoubtOf(text, period) is { } why && doubted.Add(period.Id))
            result.Findings.Add(new Finding(Severity.Warning, "month-ambiguous", $"{text} was taken for {period.Id}: {why}. A nought at the end is lost where such a period is kept as a number.")
            {
                Where = table.Where(row, column + 1),
                Found = text,
                Expected = "a month of two digits, kept as text: 2023-01 or 2023-10",
                Advice = "Write the months as 2023-01, 2023-02, … 2023-10.",
            });
    }

    private readonly record struct PeriodCodes(int Time, int Freq, string? Problem);

    /// <summary>The column of the periods, or of the years with another one of months or quarters.</summary>
    private sealed class PeriodColumn
    {
        private readonly ColumnPlan plan;
        private readonly ColumnPlan? part;
        private readonly TableStream stream;
        private readonly TextCache texts, parts;
        private readonly List<PeriodCodes> periods = [];
        private readonly List<int> years = [];
        private readonly Dictionary<(int, int), PeriodCodes> composed = [];
        private const int WholeYear = -1;
        private int row;
        private Period? before;
        private (int Row, string Text)? undecided;
        private DayOrder order;

        public PeriodColumn(ColumnPlan plan, ColumnPlan? part, TableStream stream)
        {
            (this.plan, this.part, this.stream) = (plan, part, stream);
            texts = new TextCache(Resolve);
            parts = new TextCache(text => TotalNames.IsOfAll(text) ? WholeYear : part?.Use == ColumnUse.Week ? Periods.TryPart(text, PeriodUnit.Week, out var week) ? week.From : 0 : part?.Use == ColumnUse.Quarter ? Periods.Quarter(text) : Months(text));
        }

        public int Index => plan.Index;

        /// <summary>The month of a text, or, times a hundred, the first of several with the last: <c>1-2</c> is 102.</summary>
        private static int Months(string text) => Periods.Month(text) is > 0 and var month ? month
            : Periods.TryPart(text, PeriodUnit.Month, out var several) && several.Kind == PeriodPartKind.Months ? (several.From * 100) + several.To : 0;

        public PeriodCodes Read(RowReader reader, Span<char> buffer)
        {
            row = reader.Row;
            var cell = reader[plan.Index];
            var text = CellText.Of(cell, buffer);
            if (plan.Dotted is { } dotted && dotted.Read(DottedPeriods.TextOf(cell), before) is { } period)
            {
                before = period;
                text = period.Id;
                stream.Doubt(dotted, DottedPeriods.TextOf(cell), period, row, plan.Index);
            }
            var at = texts[text];
            if (at == TextCache.Full)
                return new PeriodCodes(0, 0, stream.TooMany(plan.Index));
            if (part is null || periods[at].Problem is not null || years[at] == 0)
                return Report(periods[at], reader, plan.Index);
            var other = reader[part.Index];
            var step = parts[CellText.Of(other, buffer)];
            if (composed.TryGetValue((at, step), out var known))
                return known.Problem is null ? known : Report(known, reader, part.Index);
            if (other.Kind == CellKind.Blank || step == WholeYear)
                return composed[(at, step)] = periods[at];
            var within = part.Use == ColumnUse.Week ? Periods.OfWeek(years[at], step) : part.Use == ColumnUse.Quarter ? Periods.OfQuarter(years[at], step) : step > 100 ? Periods.OfMonths(years[at], step / 100, step % 100) : Periods.OfMonth(years[at], step);
            composed[(at, step)] = within.IsPossible ? Coded(within, null) : new PeriodCodes(0, 0, "period-impossible");
            return Read(reader, buffer);
        }

        private PeriodCodes Report(PeriodCodes codes, RowReader reader, int column)
        {
            if (codes.Problem is not { } problem)
                return codes;
            var findings = stream.result.Findings;
            var where = stream.table.Where(row, column + 1);
            var found = new string(reader[column].Text);
            if (!findings.Keeps(problem))
                findings.Count(problem, Severity.Warning);
            else
                findings.Add(problem == "period-impossible" ? LayoutFinder.PeriodImpossible(where, found)
                    : new Finding(Severity.Warning, problem, found.Length == 0 ? "The row has no period; its values are set aside." : Periods.IsInstant(found) ? "The text is a time of a day and no period; the row's values are set aside." : "The text is no period; the row's values are set aside.")
                    {
                        Where = where,
                        Found = found,
                        Expected = "a period such as 2023, 2023-Q2, 2023-06 or 2023-06-30",
                        Advice = "Write the period.",
                    });
            return codes;
        }

        private int Resolve(string text)
        {
            years.Add(0);
            if (Periods.OrderOf(text.AsSpan()) is var own && own > order)
            {
                order = own;
                undecided = own == DayOrder.Either ? (row, text) : null;
            }
            if (string.IsNullOrWhiteSpace(text))
            {
                periods.Add(new PeriodCodes(0, 0, "period-missing"));
            }
            else if ((plan.IsWithinDays && Periods.IsInstant(text)) || !Periods.TryParse(text, out var period, plan.MonthFirst, plan.Spans))
            {
                periods.Add(new PeriodCodes(0, 0, "period-unreadable"));
            }
            else if (!period.IsPossible)
            {
                if (!plan.MonthFirst && Periods.TryParse(text, out var turned, true) && turned.IsPossible)
                    stream.assumptions.Learn(stream.layout.Number, plan.Index, Assumption.MonthFirst);
                periods.Add(new PeriodCodes(0, 0, "period-impossible"));
            }
            else if (LayoutFinder.Coarsen(period, plan.Step) is not { } coarse)
            {
                stream.assumptions.Learn(stream.layout.Number, plan.Index, Assumption.Days);
                periods.Add(new PeriodCodes(0, 0, "period-impossible"));
            }
            else
            {
                years[^1] = period.Freq == "A" ? int.Parse(period.Id, System.Globalization.CultureInfo.InvariantCulture) : 0;
                periods.Add(Coded(coarse, plan.Step == DateStep.Day ? text : null));
            }
            return periods.Count - 1;
        }

        /// <summary>Says so where no date has told whether the day or the month comes first.</summary>
        public void TellOrder()
        {
            if (undecided is { } at && !plan.IsOrderStated)
                stream.result.Findings.Add(Undecided(stream.table.Where(at.Row, plan.Index + 1), at.Text, plan.MonthFirst));
            stream.TellQuarters(plan.Index, plan.Step);
        }

        private PeriodCodes Coded(Period period, string? words)
        {
            var (time, freq) = stream.Number(period, words);
            return new PeriodCodes(time, freq, null);
        }
    }
}
