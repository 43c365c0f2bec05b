using CsCheck;
using Gateway.Routing;

namespace Gateway.Tests.Routing;

internal sealed class PathTemplateTests
{
    [TestCase("/m", "m", true)]
    [TestCase("/m", "M", false)]
    [TestCase("/m", "", false)]
    [TestCase("/m", "m/m", false)]
    [TestCase("/", "", true)]
    [TestCase("/devices/{device_id}/data", "devices/7/data", true)]
    [TestCase("/devices/{device_id}/data", "devices//data", false)]
    [TestCase("/devices/{device_id}/data", "devices/7/date", false)]
    [TestCase("/a%20b", "a b", false)]
    public void It_matches_paths_of_its_form(string template, string path, bool matches) =>
        Assert.That(Parse(template).TryMatch(path.Length == 0 ? [] : path.Split('/'), out _), Is.EqualTo(matches));

    [Test]
    public void Its_variables_take_what_stands_in_their_places()
    {
        var template = Parse("/{site}/devices/{device_id}");

        Assert.That(template.Variables, Is.EqualTo(["site", "device_id"]));
        Assert.That(template.TryMatch(["north", "devices", "a/b c"], out var variables), Is.True);
        Assert.That(variables, Is.EquivalentTo(new Dictionary<string, string> { ["site"] = "north", ["device_id"] = "a/b c" }));
    }

    [TestCase("", "must start with \"/\"")]
    [TestCase("m", "must start with \"/\"")]
    [TestCase("//", "has an empty segment")]
    [TestCase("/m/", "has an empty segment")]
    [TestCase("/a//b", "has an empty segment")]
    [TestCase("/a/../b", "has a segment \"..\"")]
    [TestCase("/a?b=1", "has the segment \"a?b=1\", but a query or fragment is no part of a path")]
    [TestCase("/{}", "has a variable {} whose name is not of letters, digits and _")]
    [TestCase("/{a-b}", "has a variable {a-b} whose name is not of letters, digits and _")]
    [TestCase("/d{id}", "has the segment \"d{id}\", but a variable is a whole segment, such as {device_id}")]
    [TestCase("/{id", "has the segment \"{id\", but a variable is a whole segment, such as {device_id}")]
    [TestCase("/{id}/{id}", "has the variable {id} more than once")]
    public void What_is_no_template_is_refused_with_a_reason(string text, string reason)
    {
        Assert.That(PathTemplate.TryParse(text, out var template, out var problem), Is.False);
        Assert.That(template, Is.Null);
        Assert.That(problem, Is.EqualTo(reason));
    }

    [Test]
    public void A_segment_is_not_longer_than_an_option_of_CoAP_can_be()
    {
        Assert.That(PathTemplate.TryParse("/" + new string('ä', 127), out _, out _), Is.True);
        Assert.That(PathTemplate.TryParse("/" + new string('ä', 128), out _, out var problem), Is.False);
        Assert.That(problem, Is.EqualTo("has a segment of more than 255 bytes, which CoAP can't carry"));
    }

    [Test]
    public void Templates_that_differ_only_in_names_have_the_same_shape()
    {
        Assert.That(Parse("/devices/{a}").Shape, Is.EqualTo(Parse("/devices/{b}").Shape));
        Assert.That(Parse("/devices/{a}").Shape, Is.Not.EqualTo(Parse("/devices/a").Shape));
    }

    [Test]
    public void A_template_is_written_as_it_was_read() =>
        Gen.OneOf(Gen.OneOfConst("{a}", "{b}", "{", "}", "{}", "", ".", "%"), Gen.String[0, 4]).Array[0, 4].Select(segments => "/" + string.Join('/', segments)).Sample(text =>
        {
            if (PathTemplate.TryParse(text, out var template, out var problem))
            {
                Assert.That(template!.ToString(), Is.EqualTo(text));
            }
            else
            {
                Assert.That(problem, Is.Not.Empty);
            }
        });

    private static PathTemplate Parse(string text) =>
        PathTemplate.TryParse(text, out var template, out var problem) ? template! : throw new AssertionException($"{text} {problem}");
}
