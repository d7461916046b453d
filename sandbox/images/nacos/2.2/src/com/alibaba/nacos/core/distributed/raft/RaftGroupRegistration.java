package com.alibaba.nacos.core.distributed.raft;

import com.alibaba.nacos.consistency.cp.CPProtocol;
import com.alibaba.nacos.consistency.cp.RequestProcessor4CP;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.util.ReflectionUtils;

/**
 * Makes a Raft group for each processor once the server runs. In the published jars {@link
 * JRaftProtocol#addRequestProcessors} has an empty body, so that without this no group would exist and every write of
 * a persistent instance would fail. In Raft's package, because the server's methods are visible only there.
 */
@Component
public class RaftGroupRegistration {
  private final ObjectProvider<CPProtocol<?, ?>> protocol;
  private final ObjectProvider<RequestProcessor4CP> processors;

  public RaftGroupRegistration(
      ObjectProvider<CPProtocol<?, ?>> protocol, ObjectProvider<RequestProcessor4CP> processors) {
    this.protocol = protocol;
    this.processors = processors;
  }

  @EventListener(ApplicationReadyEvent.class)
  void register() {
    var field = ReflectionUtils.findField(JRaftProtocol.class, "raftServer");
    ReflectionUtils.makeAccessible(field);
    var server = (JRaftServer) ReflectionUtils.getField(field, protocol.getObject());
    server.createMultiRaftGroup(processors.stream().toList());
  }
}
