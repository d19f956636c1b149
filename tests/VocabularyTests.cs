using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class VocabularyTests
{
    [Theory]
    [InlineData("areas")]
    [InlineData("base-classes")]
    [InlineData("clusters")]
    [InlineData("frequencies")]
    [InlineData("indicators")]
    [InlineData("industries")]
    [InlineData("populations")]
    [InlineData("programme-kinds")]
    [InlineData("sexes")]
    [InlineData("stages")]
    [InlineData("status")]
    [InlineData("transformations")]
    [InlineData("units")]
    public void ParentsAreCodesAndLabelsFindTheirCode(string name)
    {
        var words = Vocabulary.Load(name);
        foreach (var code in words.Codes.Values)
        {
            var parent = code.Parent;
            for (var depth = 0; parent is not null; depth++)
            {
                depth.ShouldBeLessThan(10, code.Id);
                words.Codes.ShouldContainKey(parent, code.Id);
                parent = words.Codes[parent].Parent;
            }
            foreach (var label in code.Labels.Values)
                if (!Homonyms.Contains(label))
                    words.Find(label)!.Id.ShouldBe(code.Id, label);
        }
    }

    /// <summary>Labels that two codes of a file share; the first in the file is found.</summary>
    private static readonly string[] Homonyms = ["Jilin", "房地产业", "教育", "国际组织", "Units"];

    [Theory]
    [InlineData("areas", "Viet Nam", "VN")]
    [InlineData("areas", "Lao PDR", "LA")]
    [InlineData("areas", "Czech Republic", "CZ")]
    [InlineData("areas", "Irish Republic", "IE")]
    [InlineData("areas", "Korea, Rep.", "KR")]
    [InlineData("areas", "Georgia", "GE")]
    [InlineData("areas", "新疆", "650000")]
    [InlineData("areas", "内蒙古", "150000")]
    [InlineData("areas", "新疆生产建设兵团", "660000")]
    [InlineData("areas", "伊犁州", "654000")]
    [InlineData("areas", "吉林", "220000")]
    [InlineData("areas", "吉林市", "220200")]
    [InlineData("areas", "苏州市", "320500")]
    [InlineData("areas", "恩施州", "422800")]
    [InlineData("areas", "锡林郭勒盟", "152500")]
    [InlineData("areas", "Northern Ireland", "GB-NIR")]
    [InlineData("areas", "New South Wales", "AU-NSW")]
    [InlineData("areas", "AL", "AL")]
    [InlineData("industries", "Construction", "E")]
    [InlineData("industries", "Mining and Quarrying", "B")]
    [InlineData("industries", "Agriculture, Forestry and Fishing", "A")]
    [InlineData("industries", "Wholesale and retail trade; repair of motor vehicles and motorcycles", "ISIC4_G")]
    [InlineData("industries", "化学原料及化学制品制造业", "C26")]
    [InlineData("sexes", "Hombres", "M")]
    [InlineData("sexes", "女", "F")]
    [InlineData("sexes", "Persons", "_T")]
    [InlineData("sexes", "合计", "_T")]
    [InlineData("units", "ＫＷｈ", "KWH")]
    public void FindsWords(string name, string text, string id) => (Vocabulary.Load(name).Find(text)?.Id).ShouldBe(id);
}
