using System.Text;
using Gateway.Sinks;

namespace Gateway.Tests.Sinks;

internal sealed class ConsoleSinkTests
{
    [Test]
    public async Task Lines_come_out_as_they_are()
    {
        using var output = new MemoryStream();
        await using var sink = new ConsoleSink("console", output);

        await sink.WriteAsync([.. SomeMessages.Of("{\"a\":1}", "{\"a\":2}")], CancellationToken.None);

        Assert.That(Encoding.UTF8.GetString(output.ToArray()), Is.EqualTo(
            "{\"a\":1}\n{\"a\":2}\n"));
    }

    [Test]
    public async Task However_much_it_is_nothing_is_missing_and_nothing_comes_twice()
    {
        using var output = new MemoryStream();
        await using var sink = new ConsoleSink("console", output);
        string[] bodies = [.. Enumerable.Range(0, 300).Select(number => $"{{\"n\":\"{new string('x', number * 7)}\"}}"), new string('y', 200_000)];

        await sink.WriteAsync(SomeMessages.Of(bodies), CancellationToken.None);
        await sink.WriteAsync(SomeMessages.Of("{}"), CancellationToken.None);

        Assert.That(Encoding.UTF8.GetString(output.ToArray()).Split('\n'), Is.EqualTo((string[])[.. bodies, "{}", ""]));
    }
}
