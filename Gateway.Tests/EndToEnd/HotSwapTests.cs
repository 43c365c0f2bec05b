using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>Scripts are edited while the gateway runs.</summary>
internal sealed class HotSwapTests
{
    [Test]
    public async Task An_edited_script_reads_the_next_frame()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 1}"""u8.ToArray());

        File.Delete(gateway.Folder.PathOf("scripts/json.vectors.json"));
        Edit(gateway, "json.csx", """
            List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [new Reading("EDITED", payload.Length)];
            byte[]? format_command(Command command, DeviceConfig config) => null;
            """);
        await gateway.LoggedAsync("json.csx: version", times: 2);
        await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", [1, 2, 3]);
        var readings = await gateway.ReadingsAsync(2);

        Assert.That(readings[1]["index"]!.GetValue<string>(), Is.EqualTo("EDITED"));
        Assert.That(readings[1]["values"]!.ToJsonString(), Is.EqualTo("[3]"));
    }

    [Test]
    public async Task An_edit_that_keeps_the_vectors_true_goes_live()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.ReadingsAsync(4);

        await ReplaceAsync(gateway, "Unit = measure.Unit,", "Unit = measure.Unit, Label = [\"edited\"],");
        await gateway.LoggedAsync("efento.csx: version", times: 2);
        await gateway.PostAsync("/m", Frames.Efento);
        var readings = await gateway.ReadingsAsync(8);

        Assert.That(readings[4]["label"]!.ToJsonString(), Is.EqualTo("""["edited"]"""));
    }

    [Test]
    public async Task An_edit_that_breaks_a_vector_is_refused_with_the_difference()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Log.Expect("efento.vectors.json(");
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.ReadingsAsync(4);

        await ReplaceAsync(gateway, "\"Cel\"", "\"celsius\"");
        await gateway.LoggedAsync("reading 1: unit: expected \"Cel\", got \"celsius\"");
        await gateway.PostAsync("/m", Frames.Efento);
        var readings = await gateway.ReadingsAsync(8);

        Assert.That(readings[4]["unit"]!.GetValue<string>(), Is.EqualTo("Cel"));
    }

    [Test]
    public async Task A_broken_edit_is_reported_with_its_place_and_the_old_version_serves()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Log.Expect("json.csx(1,");
        await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 1}"""u8.ToArray());

        Edit(gateway, "json.csx", "int broken = ;");
        await gateway.LoggedAsync("json.csx(1,14): error CS1525");
        var answer = await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 2}"""u8.ToArray());
        var readings = await gateway.ReadingsAsync(2);
        var health = await gateway.Http.GetStringAsync("/health");

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
        Assert.That(readings[1]["values"]!.ToJsonString(), Is.EqualTo("[2]"));
        Assert.That(health, Does.Contain("degraded").And.Contain("json.csx(1,14)"));
    }

    private static async Task ReplaceAsync(GatewayUnderTest gateway, string text, string by)
    {
        var source = await File.ReadAllTextAsync(gateway.Folder.PathOf("scripts/efento.csx"));
        Assert.That(source, Does.Contain(text));
        Edit(gateway, "efento.csx", source.Replace(text, by, StringComparison.Ordinal));
    }

    // As editors do: written beside, then put in its place.
    private static void Edit(GatewayUnderTest gateway, string script, string source)
    {
        var beside = gateway.Folder.Write(Path.Combine("scripts", script + ".tmp"), source);
        File.Move(beside, gateway.Folder.PathOf(Path.Combine("scripts", script)), overwrite: true);
    }
}
