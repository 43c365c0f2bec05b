using Gateway.Sinks;

namespace Gateway.Tests.Sinks;

internal sealed class JsonFormatTests
{
    [Test]
    public void Lines_are_passed_on_as_they_are()
    {
        var messages = SomeMessages.Of("""{"index":"T"}""");

        Assert.That(new JsonFormat(withIds: false).Apply(messages), Is.EqualTo(messages));
    }

    [TestCase("""{"index":"T"}""", """{"message_id":"3f2a9c01b7d4e658-1-0","kind":"reading","revision":0,"index":"T"}""")]
    [TestCase("""{ }""", """{"message_id":"3f2a9c01b7d4e658-1-0","kind":"reading","revision":0}""")]
    [TestCase("[1]", "[1]")]
    public void An_id_stands_before_the_other_members(string line, string expected) =>
        Assert.That(new JsonFormat(withIds: true).Apply(SomeMessages.Of(line)).Single().Text(), Is.EqualTo(expected));
}
