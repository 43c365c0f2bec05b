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
}
