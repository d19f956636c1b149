using System.Text.RegularExpressions;
using CsCheck;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public class DatasetIdTests
{
    [Fact]
    public void Any_file_name_gives_a_valid_id() => Gen.String.Sample(name => DatasetId.IsValid(DatasetId.FromFileName(name)).ShouldBeTrue());

    [Fact]
    public void An_id_names_a_file_that_gives_it_back()
        => Gen.Char["abcxyz019"].Array[1, DatasetId.MaxLength].Sample(letters => DatasetId.FromFileName(new string(letters) + ".csv").ShouldBe(new string(letters)));

    [Fact]
    public void Valid_is_what_the_expression_says()
        => Gen.OneOf(Gen.Char["aZ09-_"].Array[0, 70], Gen.Char["aZ0-_ ./é\n"].Array[1, 4]).Select(c => new string(c))
            .Sample(id => DatasetId.IsValid(id).ShouldBe(Regex.IsMatch(id, @"\A[A-Za-z0-9][A-Za-z0-9_-]{0,62}\z")));

    [Theory]
    [InlineData("Retail sales (2023).xlsx", "retail-sales-2023")]
    [InlineData("folder/2023_Q1.final.csv", "2023-q1-final")]
    [InlineData("统计公报2023.txt", "2023")]
    [InlineData(".hidden", "hidden")]
    public void A_slug_is_made_of_the_name(string name, string id) => DatasetId.FromFileName(name).ShouldBe(id);

    [Fact]
    public void A_name_without_letters_and_digits_gives_a_hash_of_its_own()
    {
        DatasetId.FromFileName("统计公报.txt").ShouldMatch("^release-[0-9a-f]{8}$");
        DatasetId.FromFileName("统计公报.txt").ShouldNotBe(DatasetId.FromFileName("工业公报.txt"));
    }
}
