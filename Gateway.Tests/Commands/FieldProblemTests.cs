using Gateway.Commands;

namespace Gateway.Tests.Commands;

/// <summary>Where a problem is, as RFC 6901 §6 writes it.</summary>
internal sealed class FieldProblemTests
{
    [TestCase("", "#")]
    [TestCase("payload", "#/payload")]
    [TestCase("payload.reset_counter", "#/payload/reset_counter")]
    [TestCase("keys[1].key_text", "#/keys/1/key_text")]
    [TestCase("channels[0][2]", "#/channels/0/2")]
    [TestCase("levels[\"Gateway.Uplink\"]", "#/levels/Gateway.Uplink")]
    [TestCase("labels[\"a/b~c d\"].x", "#/labels/a~1b~0c%20d/x")]
    [TestCase("labels[\"\"]", "#/labels/")]
    [TestCase("open[", "#/open/")]
    [TestCase("a..b", "#/a//b")]
    public void A_place_as_people_write_it_becomes_a_pointer(string path, string pointer) =>
        Assert.That(FieldProblem.Of(path, "").Pointer, Is.EqualTo(pointer));
}
