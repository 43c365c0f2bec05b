using System.Text;
using CsCheck;
using Gateway.Sinks;

namespace Gateway.Tests.Sinks.Topics;

internal sealed class TopicTemplateTests
{
    private static readonly SinkMessage Message = SomeMessages.Of("{}")[0] with { Index = "TEMPERATURE", Labels = ["roof", "east/2"] };

    // Any text at all, and often with what a topic must not have.
    private static readonly Gen<string> Value = Gen.Frequency(
        (3, Gen.String),
        (3, Gen.OneOfConst('+', '#', '/', '.', '*', '>', '$', '%', ' ', '\t', '\0', '_', 'a', 'é', '\uFFFF', '\u007F').Array[0, 8].Select(characters => new string(characters))));

    [TestCase("devices/{device_id}/readings/{index}", "devices/282C024FFFB3/readings/TEMPERATURE")]
    [TestCase("{profile}/{kind}", "efento/reading")]
    [TestCase("at-{label}", "at-roof")]
    [TestCase("{label...}/{device_id}", "roof/east%2F2/282C024FFFB3")]
    [TestCase("fixed", "fixed")]
    public void Variables_have_the_values_of_the_message(string template, string topic) =>
        Assert.That(TopicTemplate.Parse(template, TopicRules.Mqtt).For(Message), Is.EqualTo(topic));

    [Test]
    public void What_is_missing_is_an_underscore() =>
        Assert.That(
            TopicTemplate.Parse("{device_id}/{index}/{label}/{label...}", TopicRules.Mqtt).For(Message with { DeviceId = "", Index = null, Labels = [] }),
            Is.EqualTo("_/_/_/_"));

    [TestCase("a/{device}", "no variable {device}: write one of {device_id}, {index}, {profile}, {kind}, {label}, {label...}")]
    [TestCase("a/{device_id", "no \"}\" behind")]
    [TestCase("a/device_id}", "no \"{\" before")]
    [TestCase("a/{a{index}}", "no variable {a{index}")]
    [TestCase("a//b", "an empty level")]
    [TestCase("/a", "an empty level")]
    [TestCase("a/#", "\"#\" is not allowed in a topic of MQTT")]
    [TestCase("a/+/b", "\"+\" is not allowed")]
    [TestCase("$SYS/a", "belong to the server")]
    [TestCase("a\u0000b", "U+0000")]
    [TestCase("", "an empty level")]
    public void A_template_that_is_none_says_why(string template, string problem)
    {
        Assert.That(TopicTemplate.Problem(template, TopicRules.Mqtt), Does.Contain(problem));
        Assert.That(() => TopicTemplate.Parse(template, TopicRules.Mqtt), Throws.TypeOf<FormatException>());
    }

    [TestCase("readings.{device_id}", null)]
    [TestCase("readings/{device_id}", null)]
    [TestCase("readings.>", "\">\" is not allowed in a topic of NATS")]
    [TestCase("readings.*.a", "\"*\"")]
    [TestCase("read ings.a", "\" \"")]
    [TestCase("readings..a", "an empty level")]
    [TestCase("grüße.a", "U+00FC")]
    public void NATS_has_rules_of_its_own(string template, string? problem) =>
        Assert.That(TopicTemplate.Problem(template, TopicRules.Nats), problem is null ? Is.Null : Does.Contain(problem));

    [Test]
    public void A_topic_that_would_be_too_long_is_none()
    {
        var template = TopicTemplate.Parse("a/{device_id}", TopicRules.Mqtt);

        Assert.That(template.For(Message with { DeviceId = new string('x', ushort.MaxValue - 2) }), Is.Not.Null);
        Assert.That(template.For(Message with { DeviceId = new string('x', ushort.MaxValue - 1) }), Is.Null);
    }

    [TestCase("readings.{device_id}.{index}", "readings.*.*")]
    [TestCase("a-{device_id}.b", "*.b")]
    [TestCase("a.{label...}.b", "a.>")]
    [TestCase("a.b", "a.b")]
    public void A_pattern_takes_all_topics_of_a_template(string template, string pattern) =>
        Assert.That(TopicTemplate.Parse(template, TopicRules.Nats).Pattern("*", ">"), Is.EqualTo(pattern));

    [Test]
    public void A_value_is_always_one_level_without_wildcards() =>
        Value.Sample(value =>
        {
            var (mqtt, nats) = (TopicRules.Mqtt.Escape(value), TopicRules.Nats.Escape(value));
            return mqtt.Length > 0 && mqtt.AsSpan().IndexOfAny("/+#$\0") < 0 && !mqtt.Any(char.IsControl)
                && nats.Length > 0 && nats.AsSpan().IndexOfAny(".*>$") < 0 && nats.All(character => character is > ' ' and <= '~');
        });

    [Test]
    public void Two_values_are_two_levels() =>
        Gen.Select(Value, Value).Where((a, b) => WellFormed(a) != WellFormed(b))
            .Sample((a, b) => TopicRules.Mqtt.Escape(a) != TopicRules.Mqtt.Escape(b) && TopicRules.Nats.Escape(a) != TopicRules.Nats.Escape(b));

    [Test]
    public void An_escaped_value_can_be_read_back() =>
        Value.Where(value => value.Length > 0)
            .Sample(value => Uri.UnescapeDataString(TopicRules.Nats.Escape(value)) == WellFormed(value) && Uri.UnescapeDataString(TopicRules.Mqtt.Escape(value)) == WellFormed(value));

    // Half of a character has no UTF-8: it becomes U+FFFD on its way anywhere.
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
