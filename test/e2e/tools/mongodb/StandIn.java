import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/**
 * A server that speaks MongoDB's protocol, for tests: StandIn PORT [FILE]. PORT 0: any. With a FILE it keeps its data there (H2), else in memory.
 * Prints its port, and ends when its standard input does. It says that it is a 4.4, because the driver speaks to none that is older.
 */
public class StandIn {
  /** OLD=1 in the environment: it says what it is, a server that is too old. */
  private static final boolean OLD = System.getenv("OLD") != null;

  public static void main(String[] arguments) throws Exception {
    MongoBackend backend = arguments.length > 1 ? new H2Backend(arguments[1]) : new MemoryBackend();
    if (!OLD) {
      backend.version(
          new MongoVersion() {
            public List<Integer> getVersionArray() {
              return List.of(4, 4, 0);
            }

            public int getWireVersion() {
              return 9;
            }
          });
    }
    MongoServer server = new MongoServer(backend);
    server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
    System.out.println(server.getLocalAddress().getPort());
    while (System.in.read() != -1) {}
    server.shutdownNow();
    System.exit(0);
  }
}
