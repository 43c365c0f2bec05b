using System.Text;
using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7959;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Plugtest;

/// <summary>ETSI's TD_COAP_BLOCK, the server's side.</summary>
internal sealed class BlockTests : PlugtestFixture
{
    private const int BodySize = 1_280;

    private int _lastId;

    [Test]
    public void TD_COAP_BLOCK_01_GET_with_early_negotiation() => AssertWhole(Download(GET, "/large", 64));

    [Test]
    public void TD_COAP_BLOCK_02_GET_with_late_negotiation()
    {
        var id = ++_lastId;
        Client.Send(CON, id, GET, "/large").Expect(ACK, id, "2.05").Carrying("2:0/1/1024");
        AssertWhole(Client.LastText + Download(GET, "/large", 64, from: 16));
    }

    [Test]
    public void TD_COAP_BLOCK_03_PUT()
    {
        var body = Text(BodySize);
        Upload(PUT, "/large-update", 64, body, "2.04");
        Assert.That(Download(GET, "/large-update", 64), Is.EqualTo(body));
    }

    [Test]
    public void TD_COAP_BLOCK_04_POST_that_creates()
    {
        var body = Text(BodySize);
        Upload(POST, "/large-create", 64, body, "2.01");
        var location = Texts(OptionNumber.LocationPath);

        Assert.That(location, Has.Length.EqualTo(2));
        Assert.That(location[0], Is.EqualTo("large-create"));
        Assert.That(location[1], Does.Not.Contain("/"));
        Assert.That(Download(GET, string.Join('/', location), 64), Is.EqualTo(body));
    }

    [Test]
    public void TD_COAP_BLOCK_05_POST_both_ways()
    {
        Upload(POST, "/large-post", 64, Text(BodySize), "2.04");
        Client.Carrying($"1:{(BodySize / 64) - 1}/0/64 2:0/1/64");
        AssertWhole(Client.LastText + Download(POST, "/large-post", 64, from: 1));
    }

    [Test]
    public void TD_COAP_BLOCK_06_GET_with_blocks_of_16_bytes() => AssertWhole(Download(GET, "/large", 16));

    private static void AssertWhole(string body)
    {
        // Each line says where it stands: no gaps, and in the right order.
        Assert.That(body, Has.Length.EqualTo(BodySize));
        Assert.That(body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]),
            Is.EqualTo(Enumerable.Range(0, BodySize / 16).Select(line => $"{line * 16}")));
    }

    private string Download(CoapCode method, string path, int size, int from = 0)
    {
        var body = new StringBuilder();
        var last = (BodySize / size) - 1;
        for (var number = from; number <= last; number++)
        {
            var id = ++_lastId;
            Client.Send(CON, id, method, path, "", Block2($"{number}/0/{size}")).Expect(ACK, id, method == GET ? "2.05" : "2.04")
                .Carrying($"2:{number}/{(number < last ? 1 : 0)}/{size}");
            body.Append(Client.LastText);
        }

        return body.ToString();
    }

    private void Upload(CoapCode method, string path, int size, string body, string code)
    {
        var last = (BodySize / size) - 1;
        for (var number = 0; number <= last; number++)
        {
            var (id, block) = (++_lastId, $"{number}/{(number < last ? 1 : 0)}/{size}");
            CoapOption[] options = number < last ? [Block1(block)] : [Block1(block), Block2($"0/0/{size}")];
            Client.Send(CON, id, method, path, Part(body, block), options).Expect(ACK, id, number < last ? "2.31" : code);
            if (number < last)
            {
                Client.Carrying($"1:{block}");
            }
        }
    }
}
