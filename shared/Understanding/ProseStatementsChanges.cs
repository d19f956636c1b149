namespace Pipeline.Understanding;

// Comparisons with an earlier period: growth over it, and changes by percentage points.
internal sealed partial class ProseStatements
{
    // 比10月份 in a clause on November is growth over the previous period, 比2022年 in one on 2023 growth over one year; 比一季度 in one on a half is neither
    private bool ResolveComparison()
    {
        var at = lead.FindIndex(token => token.Kind == TokenKind.Compare);
        if (at < 0 || at + 1 == lead.Count || lead[at + 1].Kind != TokenKind.Period || lead[at + 1].Period.Resolve(published, statedYear) is not { } before || period is null
            || ProsePeriods.Between(before, period) is not { } transformation)
        {
            return false;
        }
        lead[at] = new Token(TokenKind.Transformation, lead[at].From, lead[at + 1].To) { Code = Vocabulary.Load("transformations").Codes[transformation] };
        lead.RemoveAt(at + 1);
        return true;
    }

    // 比前10个月回落0.1个百分点, 增速较上年同期加快3.1个百分点, 失业率比上月下降0.1个百分点: a rate, or a growth rate, against that of an earlier period.
    // Against another area's or another industry's (快于全国1.3个百分点) it is no change.
    private string? Change(ReadOnlySpan<char> sentence, string? after, int clauseFrom, Action<ProseStatement> stated)
    {
        const string unsure = "figure-not-understood";
        if (figures.Count != 1 || figures[0].Value is null || after is not null and not Growth)
            return unsure;
        TokenKind? verb = null;
        bool ofDecline = false, ofGrowth = false, overPeriod = false;
        var overYear = after is not null;
        var basis = comparison ?? Growth;
        var subject = new List<Token>();
        for (var i = 0; i < lead.Count; i++)
        {
            var token = lead[i];
            switch (token.Kind)
            {
                case TokenKind.Gain or TokenKind.Loss or TokenKind.Up or TokenKind.Down when verb is null && (overYear || overPeriod):
                    verb = token.Kind;
                    break;
                case TokenKind.Rate or TokenKind.Decline when !ofGrowth && !ofDecline && verb is null:
                    (ofGrowth, ofDecline) = (true, token.Kind == TokenKind.Decline);
                    break;
                // 同比降幅 says what fell, 降幅同比 over what the fall changed
                case TokenKind.Transformation when i + 1 < lead.Count && lead[i + 1].Kind is TokenKind.Rate or TokenKind.Decline:
                    basis = token.Code!.Id;
                    break;
                case TokenKind.Transformation when token.Code!.Id is Growth or GrowthOverPrevious && !overYear && !overPeriod:
                    (overYear, overPeriod) = (token.Code.Id == Growth, token.Code.Id != Growth);
                    break;
                case TokenKind.Compare when i + 1 < lead.Count && lead[i + 1].Kind is TokenKind.Period or TokenKind.OtherTime && !overYear && !overPeriod:
                    overPeriod = true;
                    i++;
                    // the rate that is compared with: 比2023年全年的增速高1.6个百分点
                    while (i + 1 < lead.Count && lead[i + 1].Kind is TokenKind.Noise or TokenKind.Rate)
                        i++;
                    break;
                case TokenKind.Noise or TokenKind.Link or TokenKind.Adverb or TokenKind.SamePeriod:
                    break;
                case TokenKind.Period when subject.Count == 0 && !overPeriod && !overYear:
                    break;
                default:
                    if (verb is not null || overYear || overPeriod || ofGrowth)
                        return unsure;
                    subject.Add(token);
                    break;
            }
        }
        if (verb is null)
            return unsure;
        (lead, var whole) = (subject, lead);
        var subjects = subject.Count > 0 ? Subjects(sentence, false, false) : previous is { Count: 1 } && (ofGrowth || lastTransformation != "N" || previous[0].Indicator!.Parent == "RATE") ? previous : ofGrowth ? Only(Growth) : null;
        lead = whole;
        if (subjects is not [{ } about])
            return unsure;
        if (about.Area is null)
            return "area-unknown";
        // what is no rate itself changes by percentage points only as its growth does
        var isRate = about.Indicator!.Parent == "RATE";
        if (isRate ? ofGrowth : !(ofGrowth || subject.Count == 0) || basis != Growth && overYear)
            return unsure;
        if (period is null || periodFromRelease)
            return "period-unknown";
        var falls = verb is TokenKind.Down or TokenKind.Loss ^ ofDecline;
        stated(new ProseStatement(about, Vocabulary.Load("transformations").Codes[overYear ? "PP1Y" : isRate || basis == Growth ? "PP" : "PP_G1"], period, figures[0], falls ? -figures[0].Value!.Value : figures[0].Value!.Value, clauseFrom));
        TakeOver([about]);
        return null;
    }
}
