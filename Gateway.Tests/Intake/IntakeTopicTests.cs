using Gateway.Intake;
using Gateway.Sinks;

namespace Gateway.Tests.Intake;

/// <summary>Topics with a place for a device.</summary>
internal sealed class IntakeTopicTests
{
    [TestCase("devices/{device_id}/commands", null)]
    [TestCase("commands", null)]
    [TestCase("devices/{device_id}/{index}", "takes the variable {device_id} and no other")]
    [TestCase("devices/a{device_id}/x", "must have {device_id} as a whole level: \"/\" stands around it")]
    [TestCase("{device_id}/{device_id}", "has {device_id} twice")]
    [TestCase("devices/+/commands", "\"+\" is not allowed in a topic of MQTT")]
    [TestCase("", "must not be empty")]
    public void A_template_is_checked(string template, string? problem) => Assert.That(IntakeTopic.Problem(template, TopicRules.Mqtt), Is.EqualTo(problem));

    [TestCase("devices/cellar/commands", true, "cellar")]
    [TestCase("devices/a%2Fb/commands", true, "a/b")]
    [TestCase("devices/_/commands", true, null)]
    [TestCase("devices/cellar/commands/status", false, null)]
    [TestCase("places/cellar/commands", false, null)]
    public void A_name_tells_its_device(string name, bool matches, string? device)
    {
        var topic = IntakeTopic.Parse("devices/{device_id}/commands", TopicRules.Mqtt);

        Assert.That((topic.Matches(name, out var found), found), Is.EqualTo((matches, device)));
    }

    [Test]
    public void What_it_writes_it_reads([Values("a", "urn:dev:1", "a.b", "a b/c%", null)] string? device)
    {
        var topic = IntakeTopic.Parse("devices.{device_id}.commands", TopicRules.Nats);

        Assert.That((topic.Matches(topic.Of(device)!, out var found), found), Is.EqualTo((true, device)));
        Assert.That(topic.Filter("*"), Is.EqualTo("devices.*.commands"));
    }
}
