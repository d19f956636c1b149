namespace Pipeline.Understanding;

/// <summary>Where the period of a figure comes from, from sure to unsure.</summary>
internal enum PeriodOrigin
{
    /// <summary>No period is known.</summary>
    None,

    /// <summary>The sentence or the paragraph names it.</summary>
    Stated,

    /// <summary>An earlier paragraph names it.</summary>
    Earlier,

    /// <summary>The headline names it.</summary>
    Headline,

    /// <summary>It is said relative to the day of publication: 今年以来.</summary>
    ToDate,
}

/// <summary>What a later clause may take over from an earlier one: from the release, the paragraph, the sentence, the clause right before.</summary>
internal sealed class ProseCarry
{
    /// <summary>The period that holds now.</summary>
    public string? Period { get; set; }

    /// <summary>Where it comes from.</summary>
    public PeriodOrigin PeriodOrigin { get; set; }

    /// <summary>The period of the release's first figure: that of a paragraph that names none, where the headline names none either.</summary>
    public string? Main { get; set; }

    /// <summary>The subjects of a list whose figures have verbs of their own: 甲、乙分别下降1.9%、增长4.7%.</summary>
    public Queue<ProseSubject> Pending { get; } = [];

    /// <summary>The several years that an average or a total is over: those that the paragraph named last (“十四五”时期, 五年来); null where it named none.</summary>
    public string? Span { get; set; }

    /// <summary>Whether the sentence counts what was done in all of these years: 五年累计.</summary>
    public bool IsTotalOfSpan { get; set; }

    /// <summary>The periods that the sentence lists at its start: 一、二季度，….</summary>
    public List<Token> ListedPeriods { get; } = [];

    /// <summary>The periods of a list, one for each of a clause's figures: 一、二、三季度分别增长…; null elsewhere.</summary>
    public IReadOnlyList<string>? Periods { get; set; }

    /// <summary>The year that the text stated last.</summary>
    public int? StatedYear { get; set; }

    /// <summary>The area that the sentence has turned to; null for the release's own.</summary>
    public Code? Area { get; set; }

    /// <summary>Whether a sentence of the paragraph turned to another area than the release's, so that a later one that names none is not surely about the release's.</summary>
    public bool IsElsewhere { get; set; }

    /// <summary>What the figures of the clause right before are about.</summary>
    public IReadOnlyList<ProseSubject> Previous { get; set; } = [];

    /// <summary>What the figures of a list so far are about: 出口121亿元、进口137亿元，分别增长….</summary>
    public IReadOnlyList<ProseSubject> Listed => listed;

    private readonly List<ProseSubject> listed = [];

    /// <summary>Adds what a clause's figures are about to the list, what is new in it.</summary>
    public void List(List<ProseSubject> subjects)
    {
        foreach (var subject in subjects)
            if (listed.Count == 0 || listed[^1] != subject)
                listed.Add(subject);
    }

    /// <summary>What the measure of the clause right before was.</summary>
    public Measure? PreviousMeasure { get; set; }

    /// <summary>Whether it was a level in per cent, which rises and falls by points.</summary>
    public bool PreviousIsRate { get; set; }

    /// <summary>What the growth of the clause right before was over.</summary>
    public string? PreviousBasis { get; set; }

    /// <summary>How the figure that another one was reached from is measured (由7.6%提高到11.3%); null behind any other.</summary>
    public (Measure Measure, List<Token> RelativeTo)? From { get; set; }

    /// <summary>The verb of the sentence's last figure.</summary>
    public TokenKind? Verb { get; set; }

    /// <summary>What the sentence's last figure is about.</summary>
    public ProseSubject? OfSentence { get; set; }

    /// <summary>What the paragraph's last figure is about.</summary>
    public ProseSubject? OfParagraph { get; set; }

    /// <summary>What the release's first figure is about.</summary>
    public ProseSubject? OfRelease { get; set; }

    /// <summary>The unit of the paragraph's last level.</summary>
    public string? Unit { get; set; }

    /// <summary>Whether all figures of the paragraph were about one subject.</summary>
    public bool IsOneSubject { get; set; } = true;

    /// <summary>What a clause without a figure named at its start: 装备制造业和高技术制造业继续领跑，….</summary>
    public IReadOnlyList<ProseSubject> Topic { get; set; } = [];

    /// <summary>The indicator that the paragraph named last.</summary>
    public Code? Indicator { get; set; }

    /// <summary>The population that an industry's figures of this text are of: in a text on industry above designated size, those above it.</summary>
    public Code? Scope { get; set; }

    /// <summary>What the last pull or contribution was relative to.</summary>
    public Code? PulledOf { get; set; }

    /// <summary>What the sentence says all its growth is over: 从环比看.</summary>
    public string? BasisOfSentence { get; set; }

    /// <summary>Whether the sentence has stated growth over one year.</summary>
    public bool HasYearGrowth { get; set; }

    /// <summary>How the next growth was adjusted: 实际, 扣除价格因素; null where nothing says so.</summary>
    public Code? Adjustment { get; set; }

    /// <summary>The period to return to when the sentence ends: one named after 其中 holds for that sentence only.</summary>
    public (string? Period, PeriodOrigin Origin)? After { get; set; }

    /// <summary>The kind that the section's heading says its figures have (主要预期目标); null for outturns.</summary>
    public string? KindOfSection { get; set; }

    /// <summary>What figures are, where the sentence says that they were not reached: the code of KIND; null for outturns.</summary>
    public string? Kind { get; set; }

    /// <summary>Whether the sentence says that its figures are preliminary.</summary>
    public bool IsPreliminary { get; set; }

    /// <summary>Whether a clause that was not understood stands between the last figure and now.</summary>
    public bool HasWandered { get; set; }

    /// <summary>Whether the sentence speaks of a firm or a plant, whose figures are no statistics of an area.</summary>
    public bool IsOfFirm { get; set; }

    /// <summary>Whether the release has said of a growth rate that it is over one year; in English only then a bare one is.</summary>
    public bool GrowsOverYear { get; set; }

    /// <summary>Whether the sentence speaks of a part of what was said before: 其中.</summary>
    public bool OfPart { get; set; }

    /// <summary>The things that 40个大类行业中 counts; null where nothing does.</summary>
    public string? CountedOf { get; set; }

    /// <summary>Starts a paragraph.</summary>
    public void StartParagraph(string? headlinePeriod, string? span, Code? scope)
    {
        Return();
        if (headlinePeriod is not null)
            (Period, PeriodOrigin) = (headlinePeriod, PeriodOrigin.Headline);
        else
            (Period, PeriodOrigin) = (Main ?? Period, Main is null && Period is null ? PeriodOrigin.None : PeriodOrigin.Earlier);
        (Indicator, Scope, OfParagraph, IsOneSubject, IsElsewhere, Span) = (null, scope ?? Scope, null, true, false, span);
        StartSentence(isContinued: false);
    }

    /// <summary>Starts a sentence; one that goes on behind a semicolon keeps what it is about.</summary>
    public void StartSentence(bool isContinued)
    {
        listed.Clear();
        ListedPeriods.Clear();
        Pending.Clear();
        IsTotalOfSpan &= isContinued;
        HasYearGrowth &= isContinued;
        (Previous, PreviousMeasure, Topic, CountedOf, HasWandered) = (isContinued ? Previous : [], isContinued ? PreviousMeasure : null, isContinued ? Topic : [], null, false);
        From = null;
        PreviousIsRate &= isContinued;
        if (isContinued)
            return;
        Return();
        (OfSentence, Area, Kind, IsPreliminary, PulledOf, PreviousBasis, BasisOfSentence, Adjustment, IsOfFirm) = (null, null, KindOfSection, false, null, null, null, null, false);
    }

    /// <summary>Returns to the period that held before a part of it was named.</summary>
    public void Return()
    {
        if (After is { } after)
            (Period, PeriodOrigin, After) = (after.Period, after.Origin, null);
    }

    /// <summary>Takes over what a clause's figures are about.</summary>
    public void TakeOver(IReadOnlyList<ProseSubject> subjects, Measure measure, string? basis)
    {
        (Previous, PreviousMeasure) = (subjects, measure);
        PreviousBasis = basis ?? PreviousBasis;
        IsOneSubject &= subjects.Count == 1 && (OfParagraph is null || (OfParagraph with { Certainty = 1 }) == subjects[0] with { Certainty = 1 });
        OfRelease ??= subjects[^1];
        Main ??= Period;
        (OfSentence, OfParagraph, HasWandered) = (subjects[^1], subjects[^1], false);
        Topic = [];
        Indicator = subjects[^1].Indicator ?? Indicator;
    }
}
