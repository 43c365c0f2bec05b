using System.Text;
using Gateway.Sinks;
using Gateway.Tests.Journal;

namespace Gateway.Tests.Sinks;

internal sealed class ConsoleSinkTests
{
    [Test]
    public async Task Lines_come_out_as_they_are()
    {
        using var output = new MemoryStream();
        await using var sink = new ConsoleSink("console", output);

        await sink.WriteAsync([JournalInAFolder.Record("r1", readings: 2), JournalInAFolder.Record("r2")], CancellationToken.None);

        Assert.That(Encoding.UTF8.GetString(output.ToArray()), Is.EqualTo(
            "{\"request_id\":\"r1\",\"n\":1}\n{\"request_id\":\"r1\",\"n\":2}\n{\"request_id\":\"r2\",\"n\":1}\n"));
    }
}
